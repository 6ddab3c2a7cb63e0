import type { Codes } from "./types.js";

export const pl: Codes = {
  reasons: {
    clean: {
      title: "Nic nie znaleziono",
      text: "Nasze sprawdzenia nie znalazły niczego sprzecznego z zasadami.",
    },
    ai_generated: {
      title: "Stworzone przez AI",
      text: "Według samego pliku powstał on za pomocą generatora AI.",
    },
    bank_match_confirmed: {
      title: "Znane ze zgłoszenia",
      text: "Plik zgadza się z materiałem zgłoszonym jako nadużycie i potwierdzonym przez człowieka.",
    },
    bank_match_unconfirmed: {
      title: "Podobne do czegoś zgłoszonego",
      text: "Plik przypomina materiał, który ktoś zgłosił. Musi je porównać człowiek.",
    },
    nudity_adult: { title: "Nagość", text: "Pokazuje nagość." },
    nudity_teen: {
      title: "Nagość",
      text: "Pokazuje nagość, a konto należy do osoby poniżej 18 lat lub w nieznanym wieku.",
    },
    ai_nudity: {
      title: "Nagość stworzona przez AI",
      text: "Pokazuje nagość, a według samego pliku stworzył go generator AI.",
    },
    ai_generated_person: {
      title: "Osoba stworzona lub zmieniona przez AI",
      text: "Według samego pliku stworzył go lub zmienił generator AI, a jest na nim człowiek.",
    },
    face_altered: {
      title: "Twarz wygląda na zmienioną",
      text: "Jedna z twarzy wygląda na zmienioną przez program.",
    },
    face_swapped: {
      title: "Twarz wygląda na podmienioną",
      text: "Jedna z twarzy wygląda na wstawioną z innego obrazu.",
    },
    face_generated: {
      title: "Osoba wygląda na wygenerowaną",
      text: "Osoba na nim wygląda na stworzoną przez program.",
    },
    sexual_ai_nudity: {
      title: "Nagość, która wygląda na wygenerowaną",
      text: "Wygląda to na nagość stworzoną lub uzupełnioną przez program.",
    },
    sexual_deepfake: {
      title: "Treść seksualna ze zmienioną twarzą",
      text: "Wygląda to na treść seksualną, w której zmieniono lub wstawiono czyjąś twarz.",
    },
    voice_synthetic: {
      title: "Głos brzmi jak wygenerowany",
      text: "Głos brzmi, jakby stworzył go program.",
    },
    confession_audio: {
      title: "Wygenerowany głos, który wyznaje lub grozi",
      text: "Głos brzmi, jakby stworzył go program, a słowa przyznają się do czegoś lub komuś grożą.",
    },
    identity_morphed: {
      title: "Twarz wygląda na zmieszaną",
      text: "Twarz wygląda na mieszankę dwóch osób.",
    },
    document_edited: {
      title: "Dokument wygląda na zmieniony",
      text: "Część dokumentu lub zrzutu ekranu wygląda na zmienioną później.",
    },
    humiliation: {
      title: "Zmieniona twarz i atak",
      text: "Jedna z twarzy wygląda na zmienioną, a tekst kogoś atakuje lub mu grozi.",
    },
    file_contradicts_itself: {
      title: "Plik sam sobie przeczy",
      text: "To, co plik mówi o swoim pochodzeniu, nie zgadza się ze sobą.",
    },
    credentials_invalid: {
      title: "Poświadczenia nie pasują",
      text: "Plik ma poświadczenia treści, które do niego nie pasują.",
    },
    text_hate: {
      title: "Tekst, który atakuje ludzi",
      text: "Tekst zawiera słowa, które atakują ludzi za to, kim są.",
    },
    text_threat: { title: "Tekst, który grozi", text: "Tekst brzmi jak groźba." },
    text_sextortion: {
      title: "Groźba rozpowszechnienia zdjęć",
      text: "Tekst brzmi jak groźba rozpowszechnienia intymnych zdjęć. Jeśli ktoś Ci to przysłał, to nie Twoja wina: nie płać i zgłoś to.",
    },
    check_failed: {
      title: "Sprawdzenie się nie odbyło",
      text: "Jednego z naszych sprawdzeń nie dało się przeprowadzić, więc obejrzy to człowiek.",
    },
    check_inconclusive: {
      title: "Brak jasnego wyniku",
      text: "Jedno z naszych sprawdzeń nie dało jasnego wyniku, więc obejrzy to człowiek.",
    },
    too_much_to_check: {
      title: "Za długi na pełne sprawdzenie",
      text: "Plik jest za długi, by sprawdzić go w całości automatycznie. Krótsza wersja może przejść od razu.",
    },
    out_of_tries: {
      title: "Sprawdzenia się nie zakończyły",
      text: "Nasze sprawdzenia się nie zakończyły, więc obejrzy to człowiek.",
    },
    looked_at: { title: "Obejrzany", text: "Moderacja obejrzała go i dopuściła." },
    moderated: {
      title: "Decyzja moderacji",
      text: "Moderacja obejrzała go i zdecydowała, że nie będzie opublikowany.",
    },
    person_protected: {
      title: "Zgoda nie jest pewna",
      text: "Osoba, która na nim jest, mogła nie zgodzić się na pokazanie, więc obejrzy to moderacja.",
    },
    protected_altered: {
      title: "Zgoda nie jest pewna",
      text: "Osoba, która na nim jest, mogła nie zgodzić się na pokazanie, a według naszych sprawdzeń plik stworzył lub zmienił program albo pokazuje on nagość.",
    },
    protected_refused: {
      title: "Ktoś się nie zgadza",
      text: "Osoba, która na nim jest, nie zgadza się na pokazanie. Jeśli jesteś na nim tylko Ty, odwołaj się: obejrzy to człowiek.",
    },
    consent_refused: {
      title: "Ktoś się nie zgadza",
      text: "Osoba, która na nim jest, nie zgadza się na pokazanie.",
    },
    consent_expired: {
      title: "Nie wszyscy się zgodzili",
      text: "Nie wszystkie osoby na nim zgodziły się w ciągu siedmiu dni. Możesz przesłać go jeszcze raz i zapytać ponownie.",
    },
    consent_withdrawn: {
      title: "Zgoda została wycofana",
      text: "Osoba, która na nim jest, nie zgadza się już na pokazanie.",
    },
    reported: {
      title: "Został zgłoszony",
      text: "Zgłosiła go osoba, która na nim jest, albo ktoś, kto działa w jej imieniu.",
    },
    origin_watched: {
      title: "Przez kilka dni uważniejsze spojrzenie",
      text: "Przez kilka dni pliki z sieci, z której pochodzi, są oglądane przed publikacją. To nic nie mówi o Tobie.",
    },
  },
  violations: {
    deepfake_face: {
      title: "Deepfake twarzy",
      text: "Twarz stworzona lub zmieniona, by pokazać prawdziwą osobę.",
    },
    face_swap: { title: "Podmieniona twarz", text: "Twarz jednej osoby nałożona na inną." },
    ai_nude: {
      title: "Wygenerowana nagość",
      text: "Nagość stworzona lub uzupełniona przez program.",
    },
    synthetic_pornography: {
      title: "Wygenerowana treść seksualna",
      text: "Treść seksualna z twarzą prawdziwej osoby.",
    },
    voice_clone: {
      title: "Sklonowany głos",
      text: "Głos prawdziwej osoby stworzony przez program.",
    },
    identity_morphing: { title: "Zmieszana tożsamość", text: "Twarz zmieszana z dwóch osób." },
    evidence_fabrication: {
      title: "Sfałszowane dowody",
      text: "Sfałszowany dokument, czat lub zrzut ekranu.",
    },
    fake_confession_audio: {
      title: "Zmyślone wyznanie",
      text: "Zmyślona wypowiedź z wyznaniem lub groźbą.",
    },
    synthetic_humiliation: {
      title: "Poniżenie",
      text: "Materiał stworzony, by poniżyć prawdziwą osobę.",
    },
    known_abusive_media: {
      title: "Znany materiał będący nadużyciem",
      text: "Materiał znany jako nadużycie.",
    },
  },
  refusals: {
    empty: "Plik jest pusty. Wybierz inny.",
    unsupported_type: "Nie otwieramy plików tego rodzaju. Wybierz obraz, film lub nagranie.",
    damaged: "Plik jest uszkodzony i nie da się go pokazać w całości. Wybierz inny.",
    too_large: "Plik jest za duży. Mniejsza wersja może się udać.",
    too_many_pixels: "Po otwarciu obraz jest za duży. Mniejsza wersja może się udać.",
    gone: "Pliku już nie było, gdy chcieliśmy go sprawdzić. Prześlij go jeszcze raz.",
    other: "Nie możemy przyjąć tego pliku. Wybierz inny.",
  },
  claims: {
    posted_publicly:
      "Kto pokazuje się w jednym miejscu, decyduje o tym miejscu. Nie pozwala to innym pokazywać tego gdzie indziej.",
    relationship:
      "Bliskość z kimś, teraz czy kiedyś, nie jest zgodą na publikację zdjęcia tej osoby.",
    paid_for:
      "Kto płaci za zdjęcie lub subskrypcję, może je oglądać. O publikacji tutaj nadal decydują osoby, które na nim są.",
    sent_to_me:
      "Kto przysyła Ci swoje zdjęcie, dzieli się nim z Tobą. Pokazanie go innym to inna sprawa i tylko ta osoba może o niej zdecydować.",
    ownership:
      "Zrobienie zdjęcia lub posiadanie praw do niego nie zastępuje zgody osób, które na nim są. Jeśli jesteś na nim tylko Ty, zaznacz to tutaj.",
    assumed:
      "Możliwe, że te osoby by się zgodziły. Nie możemy tego wiedzieć, dopóki same tego nie powiedzą.",
    other:
      "Powód udostępnienia zdjęcia nie zmienia tego, że o jego pokazaniu decydują osoby, które na nim są.",
    none: "Zgodzić się mogą tylko osoby, które na nim są; wiadomość nie może zrobić tego za nie.",
  },
  claimNext:
    "Możesz zapytać każdą z tych osób, w aplikacji lub przez link. Gdy tylko wszystkie się zgodzą, Twój plik pójdzie dalej.",
  sanctions: {
    NONE: "Dla Twojego konta nic z tego nie wynika.",
    WARNING: "Twoje konto dostaje ostrzeżenie.",
    FRAUD_FLAG: "Przy Twoim koncie zapisano, że przesłało coś sfałszowanego.",
    PERMANENT_BAN: "Twoje konto zostaje zamknięte na stałe.",
    PERMANENT_BAN_LEGAL:
      "Twoje konto zostaje zamknięte na stałe, a sprawa może być zgłoszona organom.",
  },
  steps: {
    open: "Otwieranie pliku",
    fingerprint: "Tworzenie odcisku",
    match: "Porównanie ze zgłoszonymi materiałami",
    examine: "Szukanie śladów manipulacji",
    decide: "Ważenie wyników",
    file: "Umieszczanie na miejscu",
  },
  surfaces: {
    feed: "Na tablicy",
    avatar: "Jako zdjęcie profilowe",
    dm: "W prywatnej wiadomości",
  },
  purposes: {
    publish: "Do pokazania w aplikacji",
    promote: "Do reklamy",
  },
  consentRequests: {
    pending: "Jeszcze bez odpowiedzi",
    confirmed: "Jest zgoda",
    refused: "Brak zgody",
    expired: "Brak odpowiedzi na czas",
    cancelled: "Już niepotrzebne",
  },
  appealReasons: {
    not_synthetic: {
      title: "To prawdziwe",
      text: "Żaden program tego nie stworzył ani nie zmienił, albo tylko w sposób bez znaczenia.",
    },
    consent_given: {
      title: "Wszyscy się zgodzili",
      text: "Osoby, które na nim są, zgodziły się na pokazanie.",
    },
    mistaken_match: {
      title: "To pomyłka",
      text: "Plik tylko przypomina to, co zgłoszono, albo pokazuje kogoś innego.",
    },
    art_or_parody: {
      title: "To sztuka, parodia lub wiadomość",
      text: "Wyraźnie to widać i nikogo to nie zwodzi.",
    },
  },
  appeals: {
    pending: {
      title: "Wysłane",
      text: "Mamy Twoje odwołanie. Obejrzy je człowiek, który nie brał udziału w decyzji.",
    },
    in_review: { title: "W trakcie rozpatrywania", text: "Twoje odwołanie ogląda człowiek." },
    rejected: {
      title: "Nie mogło być rozpatrzone",
      text: "Twoje odwołanie nie mogło być rozpatrzone.",
    },
    upheld: {
      title: "Decyzja zostaje",
      text: "Człowiek obejrzał to jeszcze raz. Decyzja pozostaje bez zmian.",
    },
    overturned: {
      title: "Racja była po Twojej stronie",
      text: "Decyzja jest cofnięta, razem ze wszystkim, co z niej wynikło.",
    },
  },
  levels: {
    standard: {
      title: "Standardowy",
      text: "Każdy nowy plik jest porównywany, zanim ktokolwiek go zobaczy.",
    },
    enhanced: {
      title: "Rozszerzony",
      text: "Przegląda też to, co opublikowano wcześniej, i od razu wzywa moderację.",
    },
    maximum: {
      title: "Maksymalny",
      text: "Zbiera też dowody i może przechować kontakt do prawnika.",
    },
  },
  shields: {
    pending: { title: "Jeszcze nieaktywna", text: "Dodaj zdjęcie swojej twarzy, żeby ją włączyć." },
    active: {
      title: "Aktywna",
      text: "Każdy nowy plik jest porównywany, zanim ktokolwiek go zobaczy.",
    },
    paused: { title: "Wstrzymana", text: "Niczego nie chroni, dopóki jej znowu nie włączysz." },
    disputed: {
      title: "Sprawdzana",
      text: "Moderacja ją sprawdza. Do tej pory tylko zatrzymuje pliki.",
    },
    deleted: { title: "Usunięta", text: "Klucz jest zniszczony. Reszta zniknie w ciągu 30 dni." },
  },
  hashRefusals: {
    malformed: "Odcisk jest niepełny.",
    low_quality: "Zbyt mało na nim widać. Ostrzejsze zdjęcie może się udać.",
    flat: "Jest prawie jednobarwne, więc zbyt wiele innych byłoby do niego podobnych.",
    other: "Nie udało się go użyć.",
  },
  shieldOutcomes: {
    noted: "Dziękujemy. Moderacja widzi Twoją odpowiedź.",
    blocked: "Dziękujemy. Plik jest zablokowany.",
    released:
      "Dziękujemy. Plik zostanie sprawdzony jeszcze raz i opublikowany, jeśli nic innego nie stoi na przeszkodzie.",
  },
  reportKinds: {
    ncii: {
      title: "Intymne zdjęcia bez zgody",
      text: "Nagie lub seksualne zdjęcia albo filmy kogoś, kto się nie zgodził.",
    },
    deepfake: {
      title: "Fałszywe zdjęcie, film lub głos",
      text: "Czyjąś twarz, ciało lub głos zmienił albo stworzył program.",
    },
    impersonation: {
      title: "Ktoś podszywa się pode mnie lub inną osobę",
      text: "Używa jej twarzy, nazwiska lub głosu.",
    },
    extortion: {
      title: "Ktoś grozi lub szantażuje",
      text: "Nie płać. To nie Twoja wina. Takie zgłoszenia mają pierwszeństwo.",
    },
    other: { title: "Coś innego", text: "Napisz poniżej, co to jest." },
  },
  reports: {
    submitted: { title: "Wysłane", text: "Mamy je. Obejrzy je człowiek." },
    in_progress: { title: "W toku", text: "Pracujemy nad usunięciem." },
    resolved: { title: "Zakończone", text: "Wszystko, co zostało wskazane, jest usunięte." },
    unresolved: { title: "Nie wszystko usunięto", text: "Poniżej widać, co zostało." },
    rejected: { title: "Nieprzyjęte", text: "Człowiek je obejrzał i nie przyjął." },
    withdrawn: { title: "Wycofane", text: "To zgłoszenie jest wycofane." },
  },
  capacities: {
    depicted: "To ja jestem tą osobą",
    representative: "Działam w imieniu tej osoby",
  },
  takedowns: {
    prepared: { title: "Przygotowany", text: "List jest gotowy i wyjdzie, gdy ktoś go obejrzy." },
    requested: { title: "Wysłany", text: "Platforma dostała wniosek i ma 48 godzin." },
    acknowledged: { title: "Potwierdzony", text: "Platforma odpowiedziała, że się tym zajmuje." },
    removed: { title: "Usunięte", text: "Już tego tam nie ma." },
    refused: { title: "Nieusunięte", text: "Platforma odmówiła albo materiał wrócił." },
    expired: {
      title: "Czas minął",
      text: "Platforma nie usunęła tego w 48 godzin. Zajmujemy się tym.",
    },
    withdrawn: { title: "Wycofany", text: "O nic więcej nie prosimy." },
  },
  notifications: {
    shield_media_held: {
      title: "Sprawdzamy dla Ciebie plik",
      text: "Możesz na nim być. Jest zatrzymany, dopóki nie obejrzy go moderacja.",
    },
    shield_media_blocked: {
      title: "Zatrzymaliśmy plik",
      text: "Możesz na nim być. Nie jest opublikowany i nie musisz nic robić.",
    },
    shield_rescan_found: {
      title: "Znaleźliśmy coś wcześniejszego",
      text: "Możesz na tym być. Nie jest już pokazywane.",
    },
    shield_disputed: {
      title: "Twoja tarcza jest sprawdzana",
      text: "Moderacja ją sprawdza; do tej pory działa tylko częściowo.",
    },
    consent_requested: {
      title: "Ktoś prosi o Twoją zgodę",
      text: "Decyzja należy do Ciebie. Przed Twoją odpowiedzią nic nie zostanie opublikowane.",
    },
    consent_confirmed: { title: "Jest odpowiedź na Twoją prośbę", text: "Odpowiedź brzmi: tak." },
    consent_refused: {
      title: "Jest odpowiedź na Twoją prośbę",
      text: "Odpowiedź brzmi: nie, więc nic nie zostanie opublikowane.",
    },
    consent_expired: {
      title: "Prośba straciła ważność",
      text: "Nie było odpowiedzi na czas, więc nic nie zostanie opublikowane.",
    },
    consent_withdrawn: {
      title: "Zgoda została wycofana",
      text: "To, co na niej się opierało, nie jest już pokazywane.",
    },
    upload_held: {
      title: "Sprawdzamy Twój plik",
      text: "Do tej pory nie jest publikowany. Nie musisz nic robić.",
    },
    upload_blocked: {
      title: "Twój plik nie jest opublikowany",
      text: "Tutaj przeczytasz, dlaczego i co można zrobić.",
    },
    upload_released: {
      title: "Twój plik został dopuszczony",
      text: "Moderacja go dopuściła. Zostanie sprawdzony jeszcze raz i opublikowany, jeśli nic innego nie stoi na przeszkodzie.",
    },
    upload_unpublished: {
      title: "Jeden z Twoich plików nie jest już pokazywany",
      text: "Tutaj przeczytasz, dlaczego i co można zrobić.",
    },
    appeal_received: {
      title: "Mamy Twoje odwołanie",
      text: "Obejrzy je człowiek, który nie brał udziału w decyzji.",
    },
    appeal_decided: {
      title: "Twoje odwołanie zostało rozpatrzone",
      text: "Tutaj przeczytasz decyzję i jej powody.",
    },
    restriction_set: {
      title: "Zmiana na Twoim koncie",
      text: "Niektóre funkcje są zamknięte. Tutaj przeczytasz, które i dlaczego.",
    },
    restriction_lifted: {
      title: "Zmiana na Twoim koncie",
      text: "Funkcje, które były zamknięte, znów są otwarte.",
    },
    report_received: {
      title: "Mamy Twoje zgłoszenie",
      text: "Dziękujemy. Obejrzymy je i damy znać, co dalej.",
    },
    report_changed: {
      title: "Nowe informacje o Twoim zgłoszeniu",
      text: "Zobacz, na jakim jest etapie.",
    },
    takedown_changed: {
      title: "Nowe informacje o usuwaniu",
      text: "Zobacz, na jakim jest etapie.",
    },
  },
};
