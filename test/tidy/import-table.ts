/** DESIGN's table of folders: what each may import, and which are pure. The longest prefix of a path decides. */
export interface FolderRule {
  readonly pure: boolean
  readonly mayImport: readonly string[] | 'all'
}

const pure = (...mayImport: readonly string[]): FolderRule => ({ pure: true, mayImport })
const edge = (...mayImport: readonly string[]): FolderRule => ({ pure: false, mayImport })

const core = [
  'src/model',
  'src/serde',
  'src/time',
  'src/state',
  'src/operators',
  'src/topology',
  'src/plan',
  'src/changelog',
  'src/task',
  'src/checkpoint',
  'src/group',
]
const protocol = 'src/kafka/protocol'

export const importTable: Readonly<Record<string, FolderRule>> = {
  'src/model': pure(),
  // Types only, but of things that wait.
  'src/env/port.ts': edge('src/model'),
  'src/env': edge('src/model', 'src/env'),
  'src/serde': pure('src/model'),
  'src/time': pure('src/model', 'src/serde'),
  'src/state': pure('src/model', 'src/serde', 'src/time'),
  'src/operators': pure('src/model', 'src/serde', 'src/time', 'src/state'),
  'src/topology': pure('src/model', 'src/serde', 'src/time', 'src/state', 'src/operators'),
  'src/plan': pure(
    'src/model',
    'src/serde',
    'src/topology',
    'src/operators',
    'src/state',
    'src/time',
  ),
  'src/changelog': pure('src/model', 'src/serde', 'src/state'),
  'src/task': pure(
    'src/model',
    'src/serde',
    'src/time',
    'src/state',
    'src/operators',
    'src/topology',
    'src/plan',
    'src/changelog',
  ),
  'src/checkpoint': pure('src/model', 'src/changelog'),
  // Members talk in message tables too.
  'src/group': pure('src/model', 'src/plan', protocol),
  'src/kafka/protocol': pure('src/model'),
  'src/kafka/broker': pure('src/model', protocol, 'src/env/port.ts'),
  'src/kafka/client': edge('src/model', protocol, 'src/kafka/wire.ts', 'src/env/port.ts'),
  'src/kafka/wire.ts': edge('src/model', protocol),
  'src/worker': edge(...core, 'src/kafka', 'src/env', 'src/config'),
  // For processes that run no topology.
  'src/query': edge('src/model', 'src/serde', 'src/state'),
  'src/ops': edge(
    'src/model',
    'src/env',
    'src/config',
    'src/state',
    'src/query',
    'src/worker/view.ts',
  ),
  'src/adapters': edge('src/model', 'src/kafka', 'src/state', 'src/env', 'src/serde'),
  'src/testing': { pure: false, mayImport: 'all' },
  'src/config': { pure: false, mayImport: 'all' },
  'src/cli': { pure: false, mayImport: 'all' },
  'src/app': { pure: false, mayImport: 'all' },
  'src/thread.ts': { pure: false, mayImport: 'all' },
  'src/start.ts': { pure: false, mayImport: 'all' },
  'src/index.ts': { pure: false, mayImport: 'all' },
  'src/main.ts': { pure: false, mayImport: 'all' },
}

/** The folder of the table that a path belongs to. */
export function folderOf(path: string): string | undefined {
  return Object.keys(importTable)
    .filter((folder) => path === folder || path.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length)[0]
}
