/** Descriptions of the locality modes, apart from their code so that `validate` need not load it. */
import type { Kind, OptionSpec } from '../../model/kind.ts';

export type LocalityMode = 'none' | 'zoneAware' | 'weighted' | 'failover';

const overprovisioningFactor: OptionSpec = {
  type: 'number', min: 0.01, max: 100, default: 1.4,
  doc: 'How much more the ready endpoints can take than their share of all; counted in whole percent (Envoy `overprovisioning_factor` / 100).',
};

/** Beside these options, `failover` takes an `order` of zones and `weighted` a weight for each. */
export const localityKinds: Readonly<Record<LocalityMode, Kind>> = {
  none: { doc: 'Zones are alike.', options: {} },
  zoneAware: {
    doc: "Traffic stays in the caller's zone as far as that has as large a share of the endpoints as of the callers; the rest goes where there is more.",
    copies: 'Envoy 1.38 `zone_aware_lb_config`',
    options: {
      routingEnabled: { type: 'ratio', default: 1, doc: 'Share of the picks that heed zones, in whole percent.' },
      minClusterSize: { type: 'integer', min: 0, max: 1e9, default: 6, doc: 'With fewer ready endpoints zones are not heeded.' },
      forceLocalZone: {
        type: 'integer', min: 1, infinite: 'none', default: Infinity,
        doc: "With so many ready endpoints in the caller's zone all traffic stays there (Envoy `force_local_zone.min_size`).",
      },
      basis: { type: 'choice', values: ['hosts', 'weights'], default: 'hosts', doc: 'hosts: zones are compared by ready endpoints. weights: by the weights of these (Envoy `locality_basis`).' },
      failTrafficOnPanic: { type: 'boolean', default: false, doc: 'In a panic nobody is picked, rather than anybody.' },
    },
    differences: ['Envoy counts the healthy proxies of each zone; here all callers of a zone count.'],
  },
  weighted: {
    doc: 'Zones in turn by `weights`, each less as it has fewer endpoints ready; consistent hashing weighs the endpoints instead, whoever is ready.',
    copies: 'Envoy 1.38 `locality_weighted_lb_config`',
    options: { overprovisioningFactor },
  },
  failover: {
    doc: "The caller's zone first, then others in `order`, as far as the zones before have too few endpoints ready; the panic threshold holds for each zone, while all together cannot serve it all.",
    copies: 'Envoy 1.38 priorities, set as Istio 1.32 does for locality failover',
    options: {
      overprovisioningFactor,
      weightedHealth: { type: 'boolean', default: false, doc: 'The share that is ready goes by weights, not by number (Envoy `weighted_priority_health`).' },
      previousPriorities: {
        type: 'integer', min: 1, max: 100, infinite: 'none', default: Infinity, later: true,
        doc: 'After every so many attempts of a call its next ones avoid the zones that were tried (Envoy `retry_priority` previous_priorities, `update_frequency`).',
      },
    },
    differences: ["Zones have no region and no subzone: a caller's zone is first, all others second, unless `order` ranks them.", 'Envoy starts the round robin of all its lists at one random place, here each starts at its own.'],
  },
};
