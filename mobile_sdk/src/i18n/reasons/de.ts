import type { Reasons } from "./types.js";

export const de: Reasons = {
  reference_size: "Diese Datei ist zu groß. Möglich sind bis zu 8 MB.",
  evidence_type: "Es können nur Bilder, PDFs und Textdateien hinzugefügt werden.",
  evidence_size: "Eine Datei ist zu groß. Jede darf bis zu 10 MB haben.",
  evidence_missing: "Eine Datei ist nicht angekommen. Bitte füge sie noch einmal hinzu.",
  unsupported_type: "Dateien dieser Art können nicht verwendet werden. Bitte wähle eine andere.",
  too_large: "Diese Datei ist zu groß. Bitte wähle eine kleinere.",
  too_long: "Das ist zu lang. Bitte wähle etwas Kürzeres.",
  unreadable:
    "Dieser Browser lässt Apps Bilder nicht genau lesen. " +
    "Grund kann eine Einstellung zum Schutz der Privatsphäre oder eine Erweiterung sein.",
  busy: "Im selben Moment wurde etwas anderes hinzugefügt. Bitte versuche es noch einmal.",
  disputed: "Dein Schild wird gerade von der Moderation geprüft. Bis dahin ist das nicht möglich.",
  somebody_asked:
    "Jemand ist zu diesem Bild gefragt worden. Warte auf die Antwort oder sprich mit der Person.",
  by_link: "Diese Antwort lässt sich über den Link nicht zurücknehmen. Bitte schreib uns.",
  paused: "Dein Schild ist pausiert. Schalte es zuerst wieder ein.",
  full: "Dein Schild ist voll. Entferne etwas, bevor du mehr hinzufügst.",
  disputes_lost:
    "Zu deinem Schild kann nichts mehr hinzugefügt werden. Schreib uns, wenn das falsch ist.",
  looks_made:
    "Es sieht aus, als hätte ein Programm es erzeugt oder verändert. " +
    "Nimm etwas direkt mit deinem Telefon auf, ohne Filter.",
  not_usable: "Diese Datei kann nicht verwendet werden. Bitte nimm eine andere.",
  not_a_photograph: "Bitte wähle ein einzelnes Foto.",
  not_one_face: "Es muss genau ein Gesicht zu sehen sein. Wähle ein Bild, auf dem nur du bist.",
  turned_away: "Sieh gerade in die Kamera, aus der Nähe.",
  not_good_enough:
    "Das Gesicht ist zu klein oder nicht scharf genug. Mach das Bild aus der Nähe, bei gutem Licht.",
  too_little_speech: "Es wird zu wenig gesprochen. Bitte sprich länger.",
  clipped: "Es ist zu laut, Teile sind abgeschnitten. Bitte nimm es noch einmal auf.",
  several_voices: "Es spricht mehr als eine Person. Nimm nur dich selbst auf.",
  another_person:
    "Es sieht nicht nach der Person deiner anderen Referenzen aus. Ein Schild schützt eine Person.",
  deleted: "Dieses Schild ist gelöscht. Du kannst ein neues anlegen.",
  too_many_shields: "Du kannst keine weiteren Schilde haben.",
  answered:
    "Das wurde schon beantwortet, oder die Zeit dafür ist vorbei. Bitte sieh noch einmal nach.",
  gone: "Die Datei ist nicht mehr da. Bitte lade sie noch einmal hoch.",
  not_own_face:
    "Niemand darin sieht aus wie auf deinem Selfie. Frag stattdessen die gezeigte Person.",
  yourself: "Du bist selbst darin? Dann bestätige, dass nur du es bist.",
  enough_asked: "Alle darin haben zugestimmt oder sind gefragt. Bitte warte auf ihre Antworten.",
  nothing_to_ask: "Zu diesem Upload muss niemand mehr gefragt werden.",
  not_judged: "Unsere Prüfung ist noch nicht fertig. Frag, wenn sie es ist.",
  not_answered: "Diese Person hat nicht rechtzeitig geantwortet.",
  asked_too_many: "Mehr Leute kannst du heute nicht fragen. Mach morgen weiter.",
  decided: "Das ist schon entschieden oder abgeschlossen.",
  appeal_exists: "Du hast hier schon Einspruch eingelegt.",
  appeal_too_late: "Die Zeit für einen Einspruch ist vorbei.",
  appeals_closed: "Du kannst im Moment keinen Einspruch einlegen.",
  not_appealable: "Gegen diese Entscheidung gibt es in der App keinen Einspruch.",
  too_many_open: "Wir arbeiten noch an deinen anderen Meldungen. Du hörst von uns.",
  no_copies_of_minors:
    "Wenn jemand unter 18 zu sehen ist, füge bitte keine Dateien hinzu. Es reicht uns, wo es ist.",
  requester_unknown:
    "Eine andere Plattform muss wissen, wer fragt. Bitte gib einen Namen und eine E-Mail-Adresse an.",
  not_our_address: "Diese Adresse gehört nicht zu unserer App. Bitte prüfe sie.",
  several_accounts: "Das sind Beiträge verschiedener Konten. Bitte melde jedes Konto für sich.",
  no_such_upload: "Diesen Beitrag gibt es nicht oder nicht mehr.",
  too_old: "Das konnte nicht rechtzeitig gesendet werden. Bitte mach es noch einmal.",
};
