/**
 * The client-side rate limit of AWS SDKs in adaptive mode (botocore: retries/throttling.py, adaptive.py, bucket.py). It
 * does nothing until the first throttled answer. From then on requests take tokens from a bucket whose rate falls to
 * 70 % at each throttled answer and grows back along a cubic (as TCP CUBIC), at most to twice the rate that is used.
 */
import { power } from '../../model/math.ts';
import { NS_PER_S } from '../../model/units.ts';

const SCALE = 0.4;
const BETA = 0.7;
const RATE_OVER_MEASURED_MAX = 2;
const FILL_RATE_MIN = 0.5;
const CAPACITY_MIN = 1;

export class AdaptiveRate {
  /** Whether an answer has been throttled so far. */
  isEnabled: boolean = false;
  /** Where the cubic stands, per second. */
  calculated: number = 0;
  /** What the bucket was last set to, per second; it fills with half a token per second at least. */
  applied: number = 1;
  private readonly tokens: FillingTokens = new FillingTokens();
  private rateAtThrottle: number;
  /** Seconds after a throttled answer until the cubic is back at its rate. */
  private plateauS: number;
  private throttledAt: number = 0;

  constructor(startingRate = 0) {
    this.rateAtThrottle = startingRate;
    this.plateauS = plateauOf(startingRate);
  }

  /** @param measuredRate  requests per second that have been sent of late; see `MeasuredRate` */
  answered(isThrottled: boolean, measuredRate: number, now: number): void {
    if (isThrottled) {
      const rate = this.isEnabled ? Math.min(measuredRate, this.tokens.rate) : measuredRate;
      this.rateAtThrottle = rate;
      this.plateauS = plateauOf(rate);
      this.throttledAt = now;
      this.calculated = rate * BETA;
      this.isEnabled = true;
    } else {
      const sinceS = (now - this.throttledAt) / NS_PER_S - this.plateauS;
      this.calculated = SCALE * sinceS * sinceS * sinceS + this.rateAtThrottle;
    }
    this.applied = Math.min(this.calculated, RATE_OVER_MEASURED_MAX * measuredRate);
    this.tokens.setRate(this.applied, now);
  }

  /** @returns ns until a request may go, 0 when it may go now and has taken its token */
  waitNs(now: number): number {
    return this.isEnabled ? this.tokens.waitNs(now) : 0;
  }
}

function plateauOf(rate: number): number {
  return power((rate * (1 - BETA)) / SCALE, 1 / 3);
}

/** A bucket that is empty at the start. */
class FillingTokens {
  rate: number = 1;
  private capacity: number = 1;
  private tokens: number = 0;
  private filledAt: number = -1;

  setRate(rate: number, now: number): void {
    this.fill(now);
    this.rate = Math.max(rate, FILL_RATE_MIN);
    this.capacity = Math.max(rate, CAPACITY_MIN);
    this.tokens = Math.min(this.tokens, this.capacity);
  }

  waitNs(now: number): number {
    this.fill(now);
    if (this.tokens < 1) return Math.ceil(((1 - this.tokens) / this.rate) * NS_PER_S);
    this.tokens -= 1;
    return 0;
  }

  private fill(now: number): void {
    if (this.filledAt >= 0) this.tokens = Math.min(this.capacity, this.tokens + ((now - this.filledAt) / NS_PER_S) * this.rate);
    this.filledAt = now;
  }
}

const BUCKET_NS: number = NS_PER_S / 2;
const SMOOTHING = 0.8;

/** The rate of requests, smoothed over half-second buckets. */
export class MeasuredRate {
  rate: number = 0;
  private bucketNs: number = 0;
  private count: number = 0;

  /** One more answer. */
  record(now: number): number {
    const bucket = Math.floor(now / BUCKET_NS) * BUCKET_NS;
    this.count++;
    if (bucket > this.bucketNs) {
      const current = this.count / ((bucket - this.bucketNs) / NS_PER_S);
      this.rate = current * SMOOTHING + this.rate * (1 - SMOOTHING);
      this.count = 0;
      this.bucketNs = bucket;
    }
    return this.rate;
  }
}
