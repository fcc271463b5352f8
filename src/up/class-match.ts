/**
 * Which request class of the file a request from outside is: the first whose method and path it has, else the first whose path,
 * else the first of all. A template in a path stands for any text without `/`.
 */
import type { Plan } from '../model/plan.ts';

export interface MatchedClass {
  /** Index of the source, and of the class in it. */
  readonly source: number;
  readonly requestClass: number;
}

interface Candidate extends MatchedClass {
  readonly method: string;
  readonly path: RegExp;
}

export class ClassMatch {
  private readonly candidates: readonly Candidate[];

  /** @param service  that is called */
  constructor({ edges, traffic }: Plan, service: number) {
    this.candidates = traffic.flatMap(({ classes, edge }, source) =>
      edges[edge]!.to !== service ? [] : classes.map(({ method, path }, requestClass) => ({ source, requestClass, method, path: patternOf(path) })),
    );
  }

  /** @param path  with its query */
  of(method: string, path: string): MatchedClass {
    const [plain = ''] = path.split('?');
    const byPath = this.candidates.filter((candidate) => candidate.path.test(path) || candidate.path.test(plain));
    return byPath.find((candidate) => candidate.method === method) ?? byPath[0] ?? this.candidates[0]!; // every service has a source, and that a class
  }
}

function patternOf(path: string): RegExp {
  const literals = path.split(/(?:\{\{.*?\}\})+/s).map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${literals.join('[^/?]+')}$`, 's');
}
