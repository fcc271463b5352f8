/** What makes a report alive: theme, copying, sorting, filtering, and the charts. All words and figures are in the page without it. */
import type { PageData } from '../src/report/html/page-data.ts';
import { drawChart } from './chart/draw.ts';
import { drawHeat } from './heat-map.ts';
import { copyButtons } from './copy.ts';
import { followSections } from './sections.ts';
import { enhanceTables } from './tables.ts';
import { themeButton, whenLooksChange } from './theme.ts';

document.documentElement.classList.add('js');
const data = JSON.parse(document.getElementById('data')!.textContent!) as PageData; // written by the page that this is part of

themeButton(document.getElementById('theme') as HTMLButtonElement);
copyButtons();
enhanceTables();
const redraws = data.charts.flatMap((chart) => {
  const figure = document.getElementById(chart.id);
  return figure === null ? [] : [drawChart(figure, chart).redraw];
});
const heat = document.getElementById('heat');
if (heat !== null && data.heat !== undefined) redraws.push(drawHeat(heat, data.heat, data.charts.find(({ x }) => x.kind === 'time')));
whenLooksChange(() => {
  for (const redraw of redraws) redraw();
});
followSections();
