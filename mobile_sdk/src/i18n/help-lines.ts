/**
 * Services that help people, by country. Only well-known ones; numbers change, so look through
 * them at every release (docs/words.md) and add those of the countries that your app is used in.
 */

/** What a service is for; the words are `help.*`. */
export type HelpKind = "intimate" | "minors" | "violence" | "crisis" | "reporting" | "online";

export interface HelpLine {
  readonly id: string;
  readonly name: string;
  readonly kind: HelpKind;
  /** ISO 3166-1 alpha-2; empty: worldwide. */
  readonly countries: readonly string[];
  readonly url: string;
  /** As it is dialled in these countries, with spaces for reading. */
  readonly phone?: string;
}

const EU = [
  ...["AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT"],
  ...["LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"],
];

export const HELP_LINES: readonly HelpLine[] = [
  {
    id: "us-ccri",
    name: "CCRI Image Abuse Helpline",
    kind: "intimate",
    countries: ["US"],
    url: "https://cybercivilrights.org",
    phone: "844 878 2274",
  },
  {
    id: "us-988",
    name: "988 Suicide & Crisis Lifeline",
    kind: "crisis",
    countries: ["US"],
    url: "https://988lifeline.org",
    phone: "988",
  },
  {
    id: "gb-revenge-porn-helpline",
    name: "Revenge Porn Helpline",
    kind: "intimate",
    countries: ["GB"],
    url: "https://revengepornhelpline.org.uk",
    phone: "0345 6000 459",
  },
  {
    id: "gb-childline",
    name: "Childline",
    kind: "minors",
    countries: ["GB"],
    url: "https://www.childline.org.uk",
    phone: "0800 1111",
  },
  {
    id: "de-hilfetelefon",
    name: "Hilfetelefon „Gewalt gegen Frauen“",
    kind: "violence",
    countries: ["DE"],
    url: "https://www.hilfetelefon.de",
    phone: "116 016",
  },
  {
    id: "de-hateaid",
    name: "HateAid",
    kind: "online",
    countries: ["DE"],
    url: "https://hateaid.org",
  },
  {
    id: "fr-3018",
    name: "3018",
    kind: "online",
    countries: ["FR"],
    url: "https://3018.fr",
    phone: "3018",
  },
  {
    id: "fr-3919",
    name: "3919 Violences Femmes Info",
    kind: "violence",
    countries: ["FR"],
    url: "https://arretonslesviolences.gouv.fr",
    phone: "3919",
  },
  {
    id: "es-016",
    name: "016",
    kind: "violence",
    countries: ["ES"],
    url: "https://violenciagenero.igualdad.gob.es",
    phone: "016",
  },
  {
    id: "es-017",
    name: "017 INCIBE, Tu Ayuda en Ciberseguridad",
    kind: "online",
    countries: ["ES"],
    url: "https://www.incibe.es",
    phone: "017",
  },
  {
    id: "pl-niebieska-linia",
    name: "Niebieska Linia",
    kind: "violence",
    countries: ["PL"],
    url: "https://www.niebieskalinia.info",
    phone: "800 120 002",
  },
  {
    id: "pl-dyzurnet",
    name: "Dyżurnet.pl",
    kind: "reporting",
    countries: ["PL"],
    url: "https://dyzurnet.pl",
  },
  {
    id: "at-frauenhelpline",
    name: "Frauenhelpline gegen Gewalt",
    kind: "violence",
    countries: ["AT"],
    url: "https://www.frauenhelpline.at",
    phone: "0800 222 555",
  },
  {
    id: "ch-143",
    name: "Die Dargebotene Hand 143",
    kind: "crisis",
    countries: ["CH"],
    url: "https://www.143.ch",
    phone: "143",
  },
  {
    id: "ca-needhelpnow",
    name: "NeedHelpNow.ca",
    kind: "minors",
    countries: ["CA"],
    url: "https://needhelpnow.ca",
  },
  {
    id: "au-esafety",
    name: "eSafety Commissioner",
    kind: "intimate",
    countries: ["AU"],
    url: "https://www.esafety.gov.au",
  },
  {
    id: "nz-netsafe",
    name: "Netsafe",
    kind: "online",
    countries: ["NZ"],
    url: "https://netsafe.org.nz",
    phone: "0508 638 723",
  },
  {
    id: "eu-116111",
    name: "116 111",
    kind: "minors",
    countries: EU,
    url: "https://childhelplineinternational.org",
    phone: "116 111",
  },
  {
    id: "stopncii",
    name: "StopNCII.org",
    kind: "intimate",
    countries: [],
    url: "https://stopncii.org",
  },
  {
    id: "take-it-down",
    name: "Take It Down (NCMEC)",
    kind: "minors",
    countries: [],
    url: "https://takeitdown.ncmec.org",
  },
  {
    id: "inhope",
    name: "INHOPE",
    kind: "reporting",
    countries: [],
    url: "https://www.inhope.org",
  },
];

/**
 * Those of one country first, then the worldwide ones.
 *
 * @param country - ISO 3166-1 alpha-2, or null where it is not known.
 * @param lines - {@link HELP_LINES} or the app's own.
 */
export function helpLinesFor(
  country: string | null,
  lines: readonly HelpLine[] = HELP_LINES,
): readonly HelpLine[] {
  const here = country?.toUpperCase();
  return [
    ...lines.filter((line) => here !== undefined && line.countries.includes(here)),
    ...lines.filter((line) => line.countries.length === 0),
  ];
}
