/** The mesh cannot go on for a reason that is neither the scenario's nor a bug, but this machine's; the message says what helps. */
export class MeshError extends Error {
  override readonly name: string = 'MeshError';
}
