// SPDX-License-Identifier: Apache-2.0
// The report of `sotto bench`: its sections, from what is in the page.

import { byId } from "sotto/dom.js";
import { breaks } from "./breaks.js";
import { differences, figures } from "./figures.js";
import { glossary } from "./glossary.js";
import { headline } from "./headline.js";
import { listen } from "./listen.js";
import { looksOf } from "./looks.js";
import { cost, groups, robustness } from "./others.js";
import { probe } from "./probe.js";
import { rates, scatter } from "./rates.js";
import { tokens } from "./tokens.js";

const data = JSON.parse(byId("data").textContent);
data.looks = looksOf(data.report.systems);

// In the order of the page; one that has nothing to show gives null.
const sections = [
  headline,
  listen,
  figures,
  rates,
  breaks,
  differences,
  scatter,
  groups,
  robustness,
  probe,
  tokens,
  cost,
  glossary,
];
byId("page").append(...sections.map((section) => section(data)).filter(Boolean));
