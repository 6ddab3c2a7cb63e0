/** Numbers, dates and sizes. By Intl; where an engine lacks it, in a form that nobody misreads. */

import type { Language } from "../types/generated/messages.js";

/** A whole number or fraction, at most one decimal. */
export function formatNumber(language: Language, value: number): string {
  try {
    return new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value);
  } catch {
    return String(Math.round(value * 10) / 10);
  }
}

/** `share` from 0 to 1, as a whole percentage. Never above what is reached. */
export function formatPercent(language: Language, share: number): string {
  const whole = Math.floor(Math.min(1, Math.max(0, share)) * 100);
  try {
    return new Intl.NumberFormat(language, { style: "percent" }).format(whole / 100);
  } catch {
    return `${String(whole)} %`;
  }
}

/** A day, in the device's time zone. */
export function formatDate(language: Language, date: Date): string {
  try {
    return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(date);
  } catch {
    return isoDay(date);
  }
}

/** A day and a time, in the device's time zone. */
export function formatDateTime(language: Language, date: Date): string {
  try {
    return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(
      date,
    );
  } catch {
    return `${isoDay(date)} ${clock(date)}`;
  }
}

/** A time of day, in the device's time zone. */
export function formatTime(language: Language, date: Date): string {
  try {
    return new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(date);
  } catch {
    return clock(date);
  }
}

const UNITS = ["B", "kB", "MB", "GB"] as const;
const OCTETS = ["o", "ko", "Mo", "Go"] as const;

/** Bytes, in the largest unit that keeps the figure above one; French counts in octets. */
export function formatBytes(language: Language, bytes: number): string {
  const units = language === "fr" ? OCTETS : UNITS;
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const figure = unit < 2 ? Math.round(value) : value;
  return `${formatNumber(language, figure)}\u00a0${units[unit] ?? "B"}`;
}

function isoDay(date: Date): string {
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
}

function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
