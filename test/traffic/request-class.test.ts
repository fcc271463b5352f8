import { describe, expect, it } from 'vitest';
import type { RequestClassPlan } from '../../src/model/plan.ts';
import { renderClass, templateProblem } from '../../src/traffic/request-class.ts';

const buy: RequestClassPlan = {
  name: 'buy', weight: 1, method: 'POST', path: '/orders/{{string.uuid}}', headers: { 'x-user': '{{internet.username}}' }, body: '{"n":{{number.int({"max": 5})}}}',
  key: { kind: 'template', text: 'user-{{ person.lastName }}' },
};

describe('a rendered request class', () => {
  it('depends on its arguments alone', () => {
    const once = renderClass(buy, 42, 1, 5);
    expect(renderClass(buy, 42, 1, 5)).toEqual(once);
    expect(renderClass(buy, 42, 1, 3)).toEqual(once.slice(0, 3));
    expect(renderClass(buy, 43, 1, 5)).not.toEqual(once);
    expect(renderClass(buy, 42, 2, 5)).not.toEqual(once);
  });

  it('has its templates filled in', () => {
    for (const { path, headers, body, key } of renderClass(buy, 1, 0, 20)) {
      expect(path).toMatch(/^\/orders\/[0-9a-f-]{36}$/);
      expect(headers['x-user']).toMatch(/\S/);
      expect(JSON.parse(body).n).toBeLessThanOrEqual(5);
      expect(key).toMatch(/^user-\S/);
    }
  });

  it('knows no time of day and no time zone', () => {
    const [first] = renderClass({ ...buy, body: '{{date.past}}' }, 1, 0, 1);
    expect(first!.body).toMatch(/^2023-\d\d-\d\dT.*Z$/);
  });

  it('is left as it is without templates', () => {
    expect(renderClass({ ...buy, path: '/', headers: { a: 'b' }, body: '', key: null }, 1, 0, 1)).toEqual([{ path: '/', headers: { a: 'b' }, body: '', key: null }]);
  });
});

describe('a template', () => {
  it.each(['plain', '{{string.uuid}}', '{{helpers.arrayElement(["a", "b"])}}', '{{number.int({"max": 5000000})}}', '{{ lorem.words(3) }}'])('may be %s', (text) => {
    expect(templateProblem(text)).toBeNull();
  });

  it.each(['{{nothing}}', '{{a.b}}', '{{constructor.constructor("return 1")()}}', '{{string.constructor}}', '{{helpers.fake("{{string.uuid}}")}}', '{{string.alpha(1000000000)}}', '{{helpers.fromRegExp("a{100000000}")}}', '{{string.uuid', '{{faker.seed}}', '{{internet.faker}}', '{{number.int({"max": -1, "min": 3})}}'])('may not be %s', (text) => {
    expect(templateProblem(text)).not.toBeNull();
  });
});
