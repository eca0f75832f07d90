/** `npm run docs` */
import { writeFileSync } from 'node:fs'
import { renderConfigurationDoc } from './document.ts'

writeFileSync('docs/configuration.md', renderConfigurationDoc())
