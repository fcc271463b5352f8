/** One line a preset. */
import { envoy } from './envoy.ts';
import { finagle } from './finagle.ts';
import { grpc } from './grpc.ts';
import { istio } from './istio.ts';
import { linkerd } from './linkerd.ts';
import { none } from './none.ts';
import type { Preset } from './preset.ts';

export type PresetName = 'none' | 'envoy' | 'istio' | 'linkerd' | 'grpc' | 'finagle';

export const presets: Readonly<Record<PresetName, Preset>> = { none, envoy, istio, linkerd, grpc, finagle };
