/** What the live page is given beside its markup. */
export interface ScenarioChoice {
  readonly name: string;
  readonly description: string;
  readonly text: string;
}
