import { VERSION } from '../model/version.ts';
import { RESULT_SCHEMA } from '../result/result.ts';

export function versionText(isJson: boolean): string {
  if (!isJson) return `meshsim ${VERSION}\n`;
  const facts = { meshsim: VERSION, node: process.versions.node, platform: `${process.platform}-${process.arch}`, resultSchema: RESULT_SCHEMA };
  return `${JSON.stringify(facts, null, 2)}\n`;
}
