/** A mesh on sockets that a test looks into while it runs. The only file that knows how a real world is put together. */
import { Tape } from '../../src/engine/tape/tape.ts';
import { watchedBy } from '../../src/engine/watch/watched-engine.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { RealWorld } from '../../src/real/world.ts';
import { createRealWorld } from '../../src/run/worlds.ts';
import { renderedKeysOf } from '../../src/traffic/request-class.ts';

export class RealMesh {
  /** What its engine was told and decided. */
  readonly lines: readonly string[];
  /** Whether it came to its end; rejects with what kept it from that. */
  readonly over: Promise<boolean>;
  private readonly plan: Plan;
  private readonly world: RealWorld;
  private isOver: boolean = false;

  private constructor(plan: Plan, world: RealWorld, lines: readonly string[], mayGoOn: () => boolean) {
    this.plan = plan;
    this.world = world;
    this.lines = lines;
    this.over = world.run(mayGoOn).finally(() => (this.isOver = true));
    // A test that waits for something else first hears of it all the same.
    this.over.catch(() => undefined);
  }

  static async start(plan: Plan, mayGoOn: () => boolean = () => true): Promise<RealMesh> {
    const lines: string[] = [];
    const tape = new Tape((text) => lines.push(text));
    const world = await createRealWorld(plan, plan.seed, renderedKeysOf(plan, plan.seed), 1, undefined, watchedBy([tape]));
    return new RealMesh(plan, world, lines, mayGoOn);
  }

  /** Goes on when the mesh's clock has come to `atNs`. */
  async reaches(atNs: number): Promise<void> {
    while (this.world.now < atNs) {
      if (this.isOver) throw new Error(`the run is over before ${atNs}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Most requests that have waited at the service's first endpoint at once. */
  longestQueueAt(service: string): number {
    const { stations } = this.world;
    return stations.maxQueueAt(this.plan.services.find(({ name }) => name === service)!.firstEndpoint); // one of the plan's
  }

  /** Switches every fault of its plan on, until `endFaults`, whatever times the plan has for them. */
  beginFaults(): void {
    const { faults } = this.world;
    this.world['react']((now) => {
      for (const fault of faults.faults) faults.start(fault, Infinity, now);
    });
  }

  endFaults(): void {
    const { faults } = this.world;
    this.world['react']((now) => {
      for (const fault of faults.faults) faults.stop(fault, now);
    });
  }

  get now(): number {
    return this.world.now;
  }

  get engine(): RealWorld['engine'] {
    return this.world.engine;
  }

  /** Its books when it is over; see `newWorld`. */
  get recorded(): RealWorld {
    return this.world;
  }

  portOf(endpoint: number): number {
    return this.world['servers'][endpoint]!.port;
  }
}
