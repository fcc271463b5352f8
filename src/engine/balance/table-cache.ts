/**
 * Rings and tables that the callers of an edge have in common: what they are made of is the same as long as the
 * same endpoints are ready, and a thousand callers with a table each would be a quarter of a gigabyte.
 * Which tables are kept is nothing anybody can notice but by the time it takes.
 */
const KEPT = 16;

export class TableCache<Table> {
  private readonly tables = new Map<string, Table>();

  /** @param key  all that the table depends on */
  get(key: string, build: () => Table): Table {
    const table = this.tables.get(key) ?? build();
    // Last used, last in line.
    this.tables.delete(key);
    this.tables.set(key, table);
    if (this.tables.size > KEPT) this.tables.delete(this.tables.keys().next().value!);
    return table;
  }
}
