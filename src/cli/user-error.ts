/** Something the caller can put right: printed as one line, never with a stack, exit code 2. */
export class UserError extends Error {
  readonly code: 'usage' | 'input' | 'output';

  constructor(code: UserError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
