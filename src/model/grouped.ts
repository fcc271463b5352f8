/** A whole number for people, with separators from a thousand on, whatever the locale: `7,465`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
