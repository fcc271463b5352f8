/** The tarball that would be published, and what must not be in it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Tarball {
  readonly path: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly string[];
}

/** All that is for users, and nothing else. */
const MAY_BE_THERE = /^(dist\/(src|sim)\/.*\.(js|d\.ts)|dist\/web\/\w+\.(js|css|base64)|(scenarios|examples|docs|templates)\/.*|schema\/\w+\.schema\.json|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
const NEVER = /(^|\/)node_modules\/|^dist\/.*\.test\.|\.(map|tsbuildinfo|tgz)$/;
/** A third of what is there is the simulator for pages; nothing more of that size is meant to be. */
const PACKED_MAX = 2 ** 21;

/** Packs what was built. */
export function pack(folder: string): Tarball {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { encoding: 'utf8' })) as [
    { readonly filename: string; readonly size: number; readonly unpackedSize: number; readonly files: readonly { readonly path: string }[] },
  ];
  return { path: join(folder, packed.filename), packedBytes: packed.size, unpackedBytes: packed.unpackedSize, files: packed.files.map(({ path }) => path).sort() };
}

/** What is wrong with it, a line each. @param installed  where its files are */
export function problemsOf({ files, packedBytes }: Tarball, installed: string): string[] {
  const strange = files.filter((file) => !MAY_BE_THERE.test(file) || NEVER.test(file));
  const personal = [process.cwd(), homedir()].filter((path) => path.length > 1);
  const told = files.flatMap((file) => {
    const text = readFileSync(join(installed, file), 'utf8');
    return personal.filter((path) => text.includes(`${path}/`)).map((path) => `${file} names ${path}, a folder of this machine`);
  });
  return [
    ...strange.map((file) => `${file} does not belong in the package`),
    ...told,
    ...(packedBytes > PACKED_MAX ? [`${packedBytes} bytes are more than ${PACKED_MAX}`] : []),
  ];
}
