/** What a caller noticed when it took an endpoint out of use; told with each ejection. */
export const Detection = {
  /** Outlier detection (`OutlierEjectionType` of Envoy's outlier_detection_event.proto). */
  consecutive5xx: 0,
  consecutiveGatewayFailure: 1,
  consecutiveLocalOriginFailure: 2,
  successRate: 3,
  successRateLocalOrigin: 4,
  failurePercentage: 5,
  failurePercentageLocalOrigin: 6,
  /** Failure accrual of Linkerd and Finagle. */
  consecutiveFailures: 7,
  lowSuccessRate: 8,
  /** Resilience4j, one breaker an endpoint. */
  failureRate: 9,
  slowCallRate: 10,
  healthCheck: 11,
} as const;
export type Detection = (typeof Detection)[keyof typeof Detection];

export type DetectionName = keyof typeof Detection;

/** By code, in code order. */
export const DETECTION_NAMES: readonly DetectionName[] = Object.keys(Detection) as DetectionName[];
