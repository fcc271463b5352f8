/** A mesh that is up: the world, a way in for each service, and the admin API. */
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import { type Ending, measuredBy, resultOf } from '../run/carry-out.ts';
import type { Job } from '../run/task.ts';
import { createOpenWorld, type OpenWorld } from '../run/worlds.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import { Admin } from './admin.ts';
import { Ingress, Visitors } from './ingress.ts';
import { LocalServer, answerJson } from '../http/local-server.ts';
import { type LastSecond, Meter } from './meter.ts';

export interface Status {
  readonly upMs: number;
  readonly lastSecond: LastSecond;
  /** Calls open now. */
  readonly inFlight: number;
  /** Endpoint: callers that do without it. */
  readonly outOfUse: Readonly<Record<string, number>>;
  /** Edge: breakers that refuse, of endpoints and of whole services. */
  readonly breakersOpen: Readonly<Record<string, number>>;
  /** Edge: callers that refuse at once because no endpoint became ready. */
  readonly shedding: Readonly<Record<string, number>>;
  /** Names of those that are on. */
  readonly faults: readonly string[];
}

const SECOND_MS = 1000;

/**
 * Bring the mesh up.
 * @param job   its plan from `openPlan`
 * @param port  of the admin API, those of the services follow; 0 leaves all to the system
 * @throws MeshError when this machine cannot carry it, or a port is taken
 */
export async function bringUp(job: Job, port: number): Promise<Mesh> {
  const meter = new Meter();
  let begun: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  const world = await createOpenWorld(job.plan, job.plan.seed, renderedKeysOf(job.plan, job.plan.seed), {
    begun: () => begun(),
    settled: (isOk, latencyNs) => meter.settled(isOk, latencyNs),
  });
  const mesh = new Mesh(job, world, meter);
  await mesh.start(port, hasBegun);
  return mesh;
}

export class Mesh {
  readonly world: OpenWorld;
  readonly job: Job;
  private readonly endpointNames: readonly string[];
  private readonly meter: Meter;
  private readonly admin: LocalServer;
  /** By service. */
  private readonly ingresses: readonly LocalServer[];
  /** It takes requests. */
  isUp: boolean = false;
  private startedMs: number = 0;
  private second: NodeJS.Timeout | undefined;
  private running: Promise<boolean> = Promise.resolve(true);
  private ending: Ending | null = null;

  constructor(job: Job, world: OpenWorld, meter: Meter) {
    this.job = job;
    this.world = world;
    this.meter = meter;
    const { services } = job.plan;
    this.endpointNames = services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i) => `${name}/${i}`));
    const visitors = new Visitors();
    this.ingresses = services.map(({ name }, service) => {
      const ingress = new Ingress(world, job.plan, service, this.endpointNames, visitors);
      return new LocalServer(`the ingress of ${name}`, (request, response) => {
        if (this.isUp) void ingress.answer(request, response);
        else answerJson(response, 503, { error: 'the mesh is coming up' }, ['connection', 'close']);
      });
    });
    const api = new Admin(this);
    this.admin = new LocalServer('the admin API', (request, response) => void api.answer(request, response, this.admin.port));
  }

  get plan(): Plan {
    return this.job.plan;
  }

  get adminUrl(): string {
    return this.admin.url;
  }

  /** Of the ingresses, by service. */
  get urls(): readonly string[] {
    return this.ingresses.map(({ url }) => url);
  }

  /** See `bringUp`; `hasBegun` resolves when the world has. */
  async start(port: number, hasBegun: Promise<void>): Promise<void> {
    try {
      await this.admin.listen(port);
      for (const [i, ingress] of this.ingresses.entries()) await ingress.listen(port === 0 ? 0 : port + 1 + i);
      this.startedMs = performance.now();
      this.running = this.world.run(() => true);
      await Promise.race([hasBegun, this.running]);
      this.isUp = true;
      this.second = setInterval(() => this.meter.turn(), SECOND_MS);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Resolves when it is down: stopped, or because more was in flight than it can hold.
   * @throws MeshError when this machine cannot carry it any more
   */
  async whenDown(): Promise<Ending> {
    try {
      this.ending = (await this.running) ? 'complete' : 'flooded';
      this.world.finish();
      return this.ending;
    } finally {
      await this.close();
    }
  }

  stop(): void {
    this.world.present(() => this.world.stop());
  }

  status(): Status {
    const { endpointNames, plan, world } = this;
    const byEdge = (counts: ReadonlyMap<number, number>): Record<string, number> => Object.fromEntries([...counts].map(([edge, count]) => [plan.edges[edge]!.name, count]));
    return {
      upMs: Math.round(performance.now() - this.startedMs),
      lastSecond: this.meter.last,
      inFlight: world.engine.calls.live,
      outOfUse: Object.fromEntries([...world.log.outOfUse.on()].map(([endpoint, count]) => [endpointNames[endpoint]!, count])),
      breakersOpen: byEdge(world.log.refusals.on()),
      shedding: byEdge(world.log.sheds.on()),
      faults: world.faults.faults.filter((fault) => world.faults.isOn(fault)).map((fault) => fault.plan.name),
    };
  }

  /** Everything measured up to now, or up to its end. */
  result(): Result {
    this.world.present(() => undefined);
    const { job, world } = this;
    const run = measuredBy(world, {
      // What is measured so far is all of a run as long.
      plan: { ...job.plan, durationNs: world.now },
      seed: job.plan.seed,
      ending: this.ending ?? 'complete',
      lateness: world.latenessData(),
      wallMs: performance.now() - this.startedMs,
    });
    const { warnings, ...rest } = resultOf(run, job);
    // Those unfinished here were given up by their callers, or are under way: there is no drain that could be longer.
    return { ...rest, warnings: warnings.filter(({ code }) => code !== 'unfinished') };
  }

  private async close(): Promise<void> {
    this.isUp = false;
    clearInterval(this.second);
    await Promise.all([this.admin, ...this.ingresses].map((server) => server.close()));
  }
}
