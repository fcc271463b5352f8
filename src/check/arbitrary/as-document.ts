/** Lets what was generated as a scenario shrink as one, whatever it was made of: the same simplifications that `meshsim check` has. */
import fc from 'fast-check';
import type { ScenarioDocument } from '../../scenario/document.ts';
import { isRunnable } from '../../scenario/document-plan.ts';
import type { NamedCode } from '../../scenario/parse.ts';
import { type Keep, simplifications } from '../simplify/simplifications.ts';

/** @param policies  the code that the scenarios name */
export function shrinkingAsDocument(drawn: fc.Arbitrary<ScenarioDocument>, keep: Keep, policies: NamedCode): fc.Arbitrary<ScenarioDocument> {
  return new DocumentArbitrary(drawn, keep, policies);
}

class DocumentArbitrary extends fc.Arbitrary<ScenarioDocument> {
  private readonly drawn: fc.Arbitrary<ScenarioDocument>;
  private readonly keep: Keep;
  private readonly policies: NamedCode;

  constructor(drawn: fc.Arbitrary<ScenarioDocument>, keep: Keep, policies: NamedCode) {
    super();
    this.drawn = drawn;
    this.keep = keep;
    this.policies = policies;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<ScenarioDocument> {
    return new fc.Value(this.drawn.generate(random, biasFactor).value, 0);
  }

  override canShrinkWithoutContext(value: unknown): value is ScenarioDocument {
    return typeof value === 'object' && value !== null && 'services' in value && 'traffic' in value;
  }

  /** @param context  the kind of simplification that led to the value */
  override shrink(value: ScenarioDocument, context: unknown): fc.Stream<fc.Value<ScenarioDocument>> {
    const simpler = simplifications(value, this.keep, typeof context === 'number' ? context : 0);
    const { policies } = this;
    return fc.stream((function* () {
      for (const { document, kind } of simpler) if (isRunnable(document, policies)) yield new fc.Value(document, kind);
    })());
  }
}
