import type { Codes } from "./types.js";

export const de: Codes = {
  reasons: {
    clean: {
      title: "Nichts gefunden",
      text: "Unsere Prüfungen haben nichts gefunden, was gegen die Regeln verstößt.",
    },
    ai_generated: {
      title: "Mit KI gemacht",
      text: "Laut der Datei wurde sie mit einem KI-Generator gemacht.",
    },
    bank_match_confirmed: {
      title: "Aus einer Meldung bekannt",
      text: "Die Datei stimmt mit Medien überein, die als missbräuchlich gemeldet und von einem Menschen bestätigt wurden.",
    },
    bank_match_unconfirmed: {
      title: "Ähnelt etwas Gemeldetem",
      text: "Die Datei sieht gemeldeten Medien ähnlich. Ein Mensch muss sie vergleichen.",
    },
    nudity_adult: { title: "Nacktheit", text: "Sie zeigt Nacktheit." },
    nudity_teen: {
      title: "Nacktheit",
      text: "Sie zeigt Nacktheit, und das Konto gehört einer Person unter 18 oder unbekannten Alters.",
    },
    ai_nudity: {
      title: "Nacktheit, mit KI gemacht",
      text: "Sie zeigt Nacktheit, und laut der Datei hat ein KI-Generator sie gemacht.",
    },
    ai_generated_person: {
      title: "Ein Mensch, mit KI gemacht oder verändert",
      text: "Laut der Datei hat ein KI-Generator sie gemacht oder verändert, und es ist ein Mensch darin.",
    },
    face_altered: {
      title: "Ein Gesicht sieht verändert aus",
      text: "Ein Gesicht darin sieht aus, als hätte ein Programm es verändert.",
    },
    face_swapped: {
      title: "Ein Gesicht sieht ausgetauscht aus",
      text: "Ein Gesicht darin sieht aus, als wäre es aus einem anderen Bild eingesetzt.",
    },
    face_generated: {
      title: "Ein Mensch sieht erzeugt aus",
      text: "Der Mensch darin sieht aus, als hätte ein Programm ihn gemacht.",
    },
    sexual_ai_nudity: {
      title: "Nacktheit, die erzeugt aussieht",
      text: "Es sieht nach Nacktheit aus, die ein Programm gemacht oder ergänzt hat.",
    },
    sexual_deepfake: {
      title: "Sexuelles mit verändertem Gesicht",
      text: "Es sieht nach sexuellen Inhalten aus, in denen ein Gesicht verändert oder eingesetzt wurde.",
    },
    voice_synthetic: {
      title: "Eine Stimme klingt erzeugt",
      text: "Die Stimme klingt, als hätte ein Programm sie gemacht.",
    },
    confession_audio: {
      title: "Eine erzeugte Stimme, die gesteht oder droht",
      text: "Die Stimme klingt, als hätte ein Programm sie gemacht, und ihre Worte gestehen etwas oder drohen jemandem.",
    },
    identity_morphed: {
      title: "Ein Gesicht sieht gemischt aus",
      text: "Das Gesicht sieht wie eine Mischung aus zwei Menschen aus.",
    },
    document_edited: {
      title: "Ein Dokument sieht bearbeitet aus",
      text: "Ein Teil des Dokuments oder Bildschirmfotos sieht aus, als wäre er später geändert worden.",
    },
    humiliation: {
      title: "Verändertes Gesicht mit Angriff",
      text: "Ein Gesicht darin sieht verändert aus, und der Text greift jemanden an oder droht jemandem.",
    },
    file_contradicts_itself: {
      title: "Die Datei widerspricht sich",
      text: "Was die Datei über ihre Herkunft sagt, passt nicht zusammen.",
    },
    credentials_invalid: {
      title: "Nachweise passen nicht",
      text: "Die Datei trägt Herkunftsnachweise, die nicht zu ihr passen.",
    },
    text_hate: {
      title: "Text, der Menschen angreift",
      text: "Der Text darin enthält Wörter, die Menschen dafür angreifen, wer sie sind.",
    },
    text_threat: { title: "Text, der droht", text: "Der Text darin liest sich wie eine Drohung." },
    text_sextortion: {
      title: "Drohung, Bilder zu verbreiten",
      text: "Der Text darin liest sich wie die Drohung, intime Bilder zu verbreiten. Wenn dir das jemand geschickt hat, bist du nicht schuld: Zahl nicht, und melde es.",
    },
    check_failed: {
      title: "Eine Prüfung lief nicht",
      text: "Eine unserer Prüfungen konnte nicht laufen, deshalb sieht es sich ein Mensch an.",
    },
    check_inconclusive: {
      title: "Kein klares Ergebnis",
      text: "Eine unserer Prüfungen kam zu keinem klaren Ergebnis, deshalb sieht es sich ein Mensch an.",
    },
    too_much_to_check: {
      title: "Zu lang für die ganze Prüfung",
      text: "Die Datei ist zu lang, um sie vollständig automatisch zu prüfen. Eine kürzere Fassung geht vielleicht sofort durch.",
    },
    out_of_tries: {
      title: "Prüfungen nicht fertig",
      text: "Unsere Prüfungen wurden nicht fertig, deshalb sieht es sich ein Mensch an.",
    },
    looked_at: { title: "Angesehen", text: "Die Moderation hat sie angesehen und freigegeben." },
    moderated: {
      title: "Entscheidung der Moderation",
      text: "Die Moderation hat sie angesehen und entschieden, dass sie nicht veröffentlicht wird.",
    },
    person_protected: {
      title: "Zustimmung nicht sicher",
      text: "Eine Person darin hat vielleicht nicht zugestimmt, gezeigt zu werden. Deshalb sieht es sich die Moderation an.",
    },
    protected_altered: {
      title: "Zustimmung nicht sicher",
      text: "Eine Person darin hat vielleicht nicht zugestimmt, gezeigt zu werden, und nach unseren Prüfungen wurde die Datei von einem Programm gemacht oder verändert, oder sie zeigt Nacktheit.",
    },
    protected_refused: {
      title: "Jemand ist nicht einverstanden",
      text: "Eine Person darin ist nicht einverstanden, gezeigt zu werden. Wenn nur du darin bist, leg Einspruch ein: Ein Mensch sieht es sich an.",
    },
    consent_refused: {
      title: "Jemand ist nicht einverstanden",
      text: "Eine Person darin ist nicht einverstanden, gezeigt zu werden.",
    },
    consent_expired: {
      title: "Nicht alle haben zugestimmt",
      text: "Nicht alle Personen darin haben innerhalb von sieben Tagen zugestimmt. Du kannst es noch einmal hochladen und noch einmal fragen.",
    },
    consent_withdrawn: {
      title: "Zustimmung zurückgezogen",
      text: "Eine Person darin ist nicht mehr einverstanden, gezeigt zu werden.",
    },
    reported: {
      title: "Es wurde gemeldet",
      text: "Die gezeigte Person hat sie gemeldet, oder jemand, der für sie handelt.",
    },
    origin_watched: {
      title: "Einige Tage ein genauerer Blick",
      text: "Einige Tage lang werden Uploads aus dem Netz, aus dem sie kam, vor der Veröffentlichung angesehen. Das sagt nichts über dich.",
    },
  },
  violations: {
    deepfake_face: {
      title: "Deepfake eines Gesichts",
      text: "Ein Gesicht, das erzeugt oder verändert wurde, um einen echten Menschen zu zeigen.",
    },
    face_swap: {
      title: "Ausgetauschtes Gesicht",
      text: "Das Gesicht eines Menschen auf einem anderen.",
    },
    ai_nude: {
      title: "Erzeugte Nacktheit",
      text: "Nacktheit, die ein Programm gemacht oder ergänzt hat.",
    },
    synthetic_pornography: {
      title: "Erzeugte sexuelle Inhalte",
      text: "Sexuelle Inhalte mit dem Gesicht eines echten Menschen.",
    },
    voice_clone: {
      title: "Geklonte Stimme",
      text: "Die von einem Programm gemachte Stimme eines echten Menschen.",
    },
    identity_morphing: {
      title: "Gemischte Identität",
      text: "Ein aus zwei Menschen gemischtes Gesicht.",
    },
    evidence_fabrication: {
      title: "Gefälschte Beweise",
      text: "Ein gefälschtes Dokument, ein gefälschter Chat oder ein gefälschtes Bildschirmfoto.",
    },
    fake_confession_audio: {
      title: "Erfundenes Geständnis",
      text: "Erfundene Sprache mit einem Geständnis oder einer Drohung.",
    },
    synthetic_humiliation: {
      title: "Herabsetzung",
      text: "Medien, die gemacht wurden, um einen echten Menschen herabzusetzen.",
    },
    known_abusive_media: {
      title: "Bekannte missbräuchliche Medien",
      text: "Medien, die als missbräuchlich bekannt sind.",
    },
  },
  refusals: {
    empty: "Die Datei ist leer. Bitte wähl eine andere.",
    unsupported_type:
      "Diese Art Datei öffnen wir nicht. Bitte wähl ein Bild, ein Video oder eine Aufnahme.",
    damaged: "Die Datei ist beschädigt und lässt sich nicht ganz zeigen. Bitte wähl eine andere.",
    too_large: "Die Datei ist zu groß. Eine kleinere Fassung geht vielleicht.",
    too_many_pixels: "Geöffnet ist das Bild zu groß. Eine kleinere Fassung geht vielleicht.",
    gone: "Die Datei war nicht mehr da, als wir sie prüfen wollten. Bitte lad sie noch einmal hoch.",
    other: "Wir können diese Datei nicht nehmen. Bitte wähl eine andere.",
  },
  claims: {
    posted_publicly:
      "Wer sich an einem Ort zeigt, entscheidet über diesen Ort. Anderen erlaubt das nicht, es anderswo zu zeigen.",
    relationship:
      "Jemandem nahezustehen, jetzt oder früher, ist nicht die Zustimmung, ein Bild zu veröffentlichen.",
    paid_for:
      "Wer für ein Bild oder ein Abo bezahlt, darf es ansehen. Ob es hier veröffentlicht wird, entscheiden weiterhin die Personen darin.",
    sent_to_me:
      "Wer dir ein Bild von sich schickt, teilt es mit dir. Es anderen zu zeigen ist eine andere Frage, und nur diese Person kann sie beantworten.",
    ownership:
      "Ein Bild gemacht zu haben oder die Rechte daran zu besitzen ersetzt nicht die Zustimmung der gezeigten Personen. Wenn nur du darin bist, sag das stattdessen hier.",
    assumed:
      "Vielleicht hast du recht, dass sie zustimmen würden. Wissen können wir es erst, wenn sie es selbst gesagt haben.",
    other:
      "Warum ein Bild geteilt wird, ändert nichts daran, dass die Personen darin entscheiden, ob es gezeigt wird.",
    none: "Zustimmen können nur die Personen darin; eine Nachricht kann das nicht für sie tun.",
  },
  claimNext:
    "Du kannst jede Person darin fragen, in der App oder mit einem Link. Sobald alle zugestimmt haben, geht dein Upload weiter.",
  sanctions: {
    NONE: "Für dein Konto folgt daraus nichts.",
    WARNING: "Dein Konto bekommt eine Verwarnung.",
    FRAUD_FLAG: "Dein Konto bekommt einen Vermerk, dass es etwas Gefälschtes hochgeladen hat.",
    PERMANENT_BAN: "Dein Konto wird dauerhaft geschlossen.",
    PERMANENT_BAN_LEGAL:
      "Dein Konto wird dauerhaft geschlossen, und der Fall kann einer Behörde gemeldet werden.",
  },
  steps: {
    open: "Datei öffnen",
    fingerprint: "Fingerabdruck machen",
    match: "Mit gemeldeten Medien vergleichen",
    examine: "Nach Spuren von Veränderung suchen",
    decide: "Ergebnisse abwägen",
    file: "Ablegen",
  },
  surfaces: {
    feed: "Im Feed",
    avatar: "Als Profilbild",
    dm: "In einer privaten Nachricht",
  },
  purposes: {
    publish: "Um in der App gezeigt zu werden",
    promote: "Um für etwas zu werben",
  },
  consentRequests: {
    pending: "Noch keine Antwort",
    confirmed: "Hat zugestimmt",
    refused: "Ist nicht einverstanden",
    expired: "Hat nicht rechtzeitig geantwortet",
    cancelled: "Nicht mehr nötig",
  },
  appealReasons: {
    not_synthetic: {
      title: "Es ist echt",
      text: "Kein Programm hat es gemacht oder verändert, oder nur so, dass es keine Rolle spielt.",
    },
    consent_given: {
      title: "Alle haben zugestimmt",
      text: "Die Personen darin sind einverstanden, gezeigt zu werden.",
    },
    mistaken_match: {
      title: "Es wurde verwechselt",
      text: "Es ähnelt nur dem, was gemeldet wurde, oder zeigt jemand anderen.",
    },
    art_or_parody: {
      title: "Es ist Kunst, Parodie oder Nachricht",
      text: "Das ist klar zu erkennen, und niemand wird getäuscht.",
    },
  },
  appeals: {
    pending: {
      title: "Gesendet",
      text: "Dein Einspruch ist bei uns. Ein Mensch, der an der Entscheidung nicht beteiligt war, sieht ihn sich an.",
    },
    in_review: { title: "Wird angesehen", text: "Ein Mensch sieht sich deinen Einspruch an." },
    rejected: {
      title: "Konnte nicht behandelt werden",
      text: "Dein Einspruch konnte nicht behandelt werden.",
    },
    upheld: {
      title: "Die Entscheidung bleibt",
      text: "Ein Mensch hat es noch einmal angesehen. Die Entscheidung bleibt, wie sie ist.",
    },
    overturned: {
      title: "Du hattest recht",
      text: "Die Entscheidung ist aufgehoben, mit allem, was aus ihr folgte.",
    },
  },
  levels: {
    standard: {
      title: "Standard",
      text: "Jeder neue Upload wird verglichen, bevor ihn jemand sieht.",
    },
    enhanced: {
      title: "Erweitert",
      text: "Sieht auch durch, was früher veröffentlicht wurde, und ruft sofort die Moderation.",
    },
    maximum: {
      title: "Maximal",
      text: "Stellt auch Beweise zusammen und kann einen rechtlichen Kontakt bereithalten.",
    },
  },
  shields: {
    pending: {
      title: "Noch nicht aktiv",
      text: "Füg ein Bild deines Gesichts hinzu, um ihn einzuschalten.",
    },
    active: { title: "Aktiv", text: "Jeder neue Upload wird verglichen, bevor ihn jemand sieht." },
    paused: { title: "Angehalten", text: "Er schützt nichts, bis du ihn wieder einschaltest." },
    disputed: {
      title: "Wird angesehen",
      text: "Die Moderation prüft ihn. Bis dahin hält er Uploads nur zurück.",
    },
    deleted: {
      title: "Gelöscht",
      text: "Der Schlüssel ist vernichtet. Was übrig ist, verschwindet innerhalb von 30 Tagen.",
    },
  },
  hashRefusals: {
    malformed: "Der Fingerabdruck ist nicht vollständig.",
    low_quality: "Darauf ist zu wenig zu erkennen. Ein schärferes Bild geht vielleicht.",
    flat: "Es hat fast nur eine Farbe, zu viele andere Bilder wären ihm ähnlich.",
    other: "Es konnte nicht genommen werden.",
  },
  shieldOutcomes: {
    noted: "Danke. Die Moderation sieht deine Antwort.",
    blocked: "Danke. Es ist blockiert.",
    released:
      "Danke. Es wird noch einmal geprüft und veröffentlicht, wenn sonst nichts dagegenspricht.",
  },
  reportKinds: {
    ncii: {
      title: "Intime Bilder ohne Zustimmung",
      text: "Nackt- oder Sexbilder oder -videos von jemandem, der nicht zugestimmt hat.",
    },
    deepfake: {
      title: "Gefälschtes Bild, Video oder Ton",
      text: "Gesicht, Körper oder Stimme von jemandem wurden von einem Programm verändert oder gemacht.",
    },
    impersonation: {
      title: "Jemand gibt sich für mich oder andere aus",
      text: "Mit Gesicht, Namen oder Stimme.",
    },
    extortion: {
      title: "Jemand droht oder erpresst",
      text: "Zahl nicht. Du bist nicht schuld. Solche Meldungen kommen zuerst.",
    },
    other: { title: "Etwas anderes", text: "Sag uns unten, was es ist." },
  },
  reports: {
    submitted: { title: "Gesendet", text: "Sie ist bei uns. Ein Mensch sieht sie sich an." },
    in_progress: { title: "In Arbeit", text: "Wir arbeiten an der Entfernung." },
    resolved: { title: "Erledigt", text: "Alles, was du genannt hast, ist entfernt." },
    unresolved: { title: "Nicht alles ist entfernt", text: "Unten siehst du, was übrig ist." },
    rejected: {
      title: "Nicht angenommen",
      text: "Ein Mensch hat sie angesehen und nicht angenommen.",
    },
    withdrawn: { title: "Zurückgezogen", text: "Du hast sie zurückgezogen." },
  },
  capacities: {
    depicted: "Ich bin die gezeigte Person",
    representative: "Ich handle für die gezeigte Person",
  },
  takedowns: {
    prepared: {
      title: "Vorbereitet",
      text: "Der Brief ist fertig und geht hinaus, sobald ihn jemand angesehen hat.",
    },
    requested: { title: "Angefragt", text: "Die Plattform ist gebeten und hat 48 Stunden Zeit." },
    acknowledged: {
      title: "Bestätigt",
      text: "Die Plattform hat geantwortet, dass sie sich kümmert.",
    },
    removed: { title: "Entfernt", text: "Dort ist es nicht mehr zu sehen." },
    refused: {
      title: "Nicht entfernt",
      text: "Die Plattform hat abgelehnt, oder es wurde wieder eingestellt.",
    },
    expired: {
      title: "Zeit abgelaufen",
      text: "Die Plattform hat es in 48 Stunden nicht entfernt. Wir kümmern uns darum.",
    },
    withdrawn: { title: "Zurückgezogen", text: "Es wird nichts weiter verlangt." },
  },
  notifications: {
    shield_media_held: {
      title: "Wir prüfen einen Upload für dich",
      text: "Er könnte dich zeigen. Er wird zurückgehalten, bis ihn die Moderation angesehen hat.",
    },
    shield_media_blocked: {
      title: "Wir haben einen Upload gestoppt",
      text: "Er könnte dich zeigen. Er ist nicht veröffentlicht, und du musst nichts tun.",
    },
    shield_rescan_found: {
      title: "Wir haben etwas Früheres gefunden",
      text: "Es könnte dich zeigen. Es wird nicht mehr gezeigt.",
    },
    shield_disputed: {
      title: "Dein Schild wird angesehen",
      text: "Die Moderation prüft ihn. Bis dahin wirkt er nur zum Teil.",
    },
    consent_requested: {
      title: "Jemand bittet um deine Zustimmung",
      text: "Du entscheidest. Vor deiner Antwort wird nichts veröffentlicht.",
    },
    consent_confirmed: { title: "Deine Anfrage wurde beantwortet", text: "Die Antwort ist Ja." },
    consent_refused: {
      title: "Deine Anfrage wurde beantwortet",
      text: "Die Antwort ist Nein, deshalb wird nichts veröffentlicht.",
    },
    consent_expired: {
      title: "Eine Anfrage ist abgelaufen",
      text: "Sie wurde nicht rechtzeitig beantwortet, deshalb wird nichts veröffentlicht.",
    },
    consent_withdrawn: {
      title: "Eine Zustimmung wurde zurückgezogen",
      text: "Was darauf beruhte, wird nicht mehr gezeigt.",
    },
    upload_held: {
      title: "Dein Upload wird angesehen",
      text: "Bis dahin ist er nicht veröffentlicht. Du musst nichts tun.",
    },
    upload_blocked: {
      title: "Dein Upload ist nicht veröffentlicht",
      text: "Hier liest du, warum, und was du tun kannst.",
    },
    upload_released: {
      title: "Dein Upload ist freigegeben",
      text: "Die Moderation hat ihn freigegeben. Er wird noch einmal geprüft und veröffentlicht, wenn sonst nichts dagegen spricht.",
    },
    upload_unpublished: {
      title: "Einer deiner Uploads wird nicht mehr gezeigt",
      text: "Hier liest du, warum, und was du tun kannst.",
    },
    appeal_received: {
      title: "Dein Einspruch ist bei uns",
      text: "Ein Mensch, der an der Entscheidung nicht beteiligt war, sieht ihn sich an.",
    },
    appeal_decided: {
      title: "Über deinen Einspruch ist entschieden",
      text: "Hier liest du die Entscheidung und die Gründe dafür.",
    },
    restriction_set: {
      title: "Eine Änderung an deinem Konto",
      text: "Einige Funktionen sind geschlossen. Hier liest du, welche und warum.",
    },
    restriction_lifted: {
      title: "Eine Änderung an deinem Konto",
      text: "Funktionen, die geschlossen waren, sind wieder offen.",
    },
    report_received: {
      title: "Deine Meldung ist bei uns",
      text: "Danke. Wir sehen sie uns an und sagen dir, was geschieht.",
    },
    report_changed: { title: "Neues zu deiner Meldung", text: "Sieh nach, wie es darum steht." },
    takedown_changed: {
      title: "Neues zu einer Entfernung",
      text: "Sieh nach, wie es darum steht.",
    },
  },
};
