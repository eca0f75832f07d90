/** Lines with their ranges as SVG, one panel a figure: no browser is needed. */
import { scaleLinear, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import type { Series } from './points.ts'

export interface Panel {
  readonly title: string
  readonly series: readonly Series[]
}

export interface PlotOptions {
  readonly title: string
  readonly xTitle: string
  readonly xScale: 'log' | 'linear'
  /** Below the plot: how it was measured. */
  readonly footer: string
}

const panelWidth = 300
const panelHeight = 220
const margin = { top: 56, right: 16, bottom: 48, left: 48 }
const footerHeight = 24
const legendHeight = 22
/** Told apart by colour-blind readers too (Okabe and Ito). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
/** Paper of its own, dark where the reader's is: it stands in pages of either kind. */
const style = [
  'text{font:11px system-ui,sans-serif;fill:#333}.title{font-size:13px;font-weight:600}',
  '.paper{fill:#fff}.grid{stroke:#ddd}.footer{fill:#666}',
  '@media(prefers-color-scheme:dark){',
  'text{fill:#ddd}.paper{fill:#161b22}.grid{stroke:#3d444d}.footer{fill:#9aa4ae}}',
].join('')

type Scale = (value: number) => number

export function plot(panels: readonly Panel[], options: PlotOptions): string {
  const width = panels.length * (panelWidth + margin.left + margin.right)
  const height = margin.top + panelHeight + margin.bottom + legendHeight + footerHeight
  const parts = panels.map((panel, i) => {
    const left = i * (panelWidth + margin.left + margin.right) + margin.left
    return group(left, margin.top, drawPanel(panel, options))
  })
  const names = panels[0]?.series.map(({ name }) => name) ?? []
  const legendTop = margin.top + panelHeight + margin.bottom
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">`,
    `<style>${style}</style><rect class="paper" width="${width}" height="${height}"/>`,
    text(margin.left, 20, options.title, 'class="title"'),
    ...parts,
    group(margin.left, legendTop, legend(names)),
    text(margin.left, height - 8, options.footer, 'class="footer"'),
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ title, series }: Panel, options: PlotOptions): string {
  const points = series.flatMap((one) => one.points)
  const x = xScaleOf(
    points.map(({ at }) => at),
    options.xScale,
  )
  const top = Math.max(0, ...points.map(({ figure }) => figure.max))
  const y = scaleLinear([0, top === 0 ? 1 : top], [panelHeight, 0]).nice()
  const ticks = Array.from(new Set(points.map(({ at }) => at))).sort((a, b) => a - b)
  return [
    text(0, -12, title),
    ...y.ticks(5).map((tick) => gridLine(y(tick), y.tickFormat(5)(tick))),
    ...ticks.map((tick) => text(x(tick), panelHeight + 16, short(tick), 'text-anchor="middle"')),
    text(panelWidth / 2, panelHeight + 34, options.xTitle, 'text-anchor="middle"'),
    ...series.map((one, i) => drawSeries(one, colourOf(i), x, y)),
  ].join('\n')
}

function xScaleOf(values: readonly number[], kind: 'log' | 'linear'): Scale {
  const domain = [Math.min(...values), Math.max(...values)]
  // A single point stands in the middle of no width.
  if (domain[0] === domain[1]) return () => panelWidth / 2
  const range = [8, panelWidth - 8]
  return kind === 'log' ? scaleLog(domain, range) : scaleLinear(domain, range)
}

function drawSeries({ points }: Series, colour: string, x: Scale, y: Scale): string {
  const path = line<Series['points'][number]>(
    ({ at }) => x(at),
    ({ figure }) => y(figure.median),
  )(points)
  const marks = points.map(({ at, figure: { median, min, max } }) => {
    const range = `<path d="M${px(x(at))},${px(y(min))}V${px(y(max))}" stroke="${colour}"/>`
    return `${range}<circle cx="${px(x(at))}" cy="${px(y(median))}" r="3" fill="${colour}"/>`
  })
  const drawn = `<path d="${path ?? ''}" fill="none" stroke="${colour}" stroke-width="1.5"/>`
  return [drawn, ...marks].join('')
}

function legend(names: readonly string[]): string {
  return names
    .map((name, i) => {
      const left = i * 150
      const colour = `<rect x="${left}" width="10" height="10" fill="${colourOf(i)}"/>`
      return colour + text(left + 15, 9, name)
    })
    .join('')
}

function gridLine(at: number, label: string): string {
  const rule = `<path class="grid" d="M0,${px(at)}H${panelWidth}"/>`
  return `${rule}${text(-8, at + 4, label, 'text-anchor="end"')}`
}

function group(left: number, top: number, content: string): string {
  return `<g transform="translate(${left},${top})">${content}</g>`
}

function text(left: number, top: number, content: string, attributes = ''): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${px(left)}" y="${px(top)}" ${attributes}>${safe}</text>`
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? '#000'
}

function px(value: number): string {
  return value.toFixed(1)
}

/** 10000 as 10 k, 1000000 as 1 M. */
function short(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000} M`
  return value >= 10_000 ? `${value / 1_000} k` : String(value)
}
