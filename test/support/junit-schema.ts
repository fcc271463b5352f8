/** Whether documents are JUnit XML, by the schema of Jenkins' xunit plugin and libxml2. */
import { readFileSync } from 'node:fs';
import { validateXML } from 'xmllint-wasm';

/** jenkinsci/xunit-plugin, src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd at 8c515de2; MIT, the licence is in it. */
const SCHEMA = readFileSync('test/report/xsd/junit-10.xsd', 'utf8');

/** What is wrong with them, in sentences of libxml2; many at once, since each call starts it anew. */
export async function junitFaultsOf(documents: readonly string[]): Promise<string[]> {
  const { errors } = await validateXML({ xml: documents.map((contents, i) => ({ fileName: `${i}.xml`, contents })), schema: SCHEMA });
  return errors.map(({ rawMessage }) => rawMessage);
}
