/** A whole number for people, with separators from a thousand on, whatever the locale: `7,465`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 case`, `1,200 cases`. */
export function counted(many: number, noun: string): string {
  return `${grouped(many)} ${noun}${many === 1 ? '' : 's'}`;
}
