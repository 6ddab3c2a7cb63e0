import type { Reasons } from "./types.js";

export const pl: Reasons = {
  reference_size: "Ten plik jest za duży. Przyjmujemy pliki do 8 MB.",
  evidence_type: "Można dodać tylko obrazy, pliki PDF i pliki tekstowe.",
  evidence_size: "Jeden z plików jest za duży. Każdy może mieć do 10 MB.",
  evidence_missing: "Jeden z plików nie dotarł. Dodaj go jeszcze raz.",
  unsupported_type: "Plików tego rodzaju nie można użyć. Wybierz inny.",
  too_large: "Ten plik jest za duży. Wybierz mniejszy.",
  too_long: "To jest za długie. Wybierz coś krótszego.",
  unreadable:
    "Ta przeglądarka nie pozwala aplikacjom dokładnie odczytywać obrazów. " +
    "Przyczyną może być ustawienie prywatności lub rozszerzenie.",
  busy: "W tej samej chwili dodano coś innego. Spróbuj ponownie.",
  disputed: "Moderator sprawdza tę tarczę. Do tego czasu nie jest to możliwe.",
  somebody_asked:
    "Ktoś został zapytany o to zdjęcie. Poczekaj na odpowiedź albo porozmawiaj z tą osobą.",
  by_link: "Tej odpowiedzi nie można cofnąć przez link. Napisz do nas.",
  paused: "Tarcza jest wstrzymana. Najpierw włącz ją ponownie.",
  full: "Tarcza jest pełna. Usuń coś, zanim dodasz więcej.",
  disputes_lost: "Do tej tarczy nie można już nic dodać. Napisz do nas, jeśli to pomyłka.",
  looks_made:
    "Wygląda na to, że utworzył to lub zmienił program. Użyj czegoś prosto z telefonu, bez filtrów.",
  not_usable: "Tego pliku nie można użyć. Wybierz inny.",
  not_a_photograph: "Wybierz jedno zdjęcie.",
  not_one_face: "Musi być widoczna dokładnie jedna twarz. Wybierz zdjęcie bez innych osób.",
  turned_away: "Spójrz prosto w obiektyw, z bliska.",
  not_good_enough: "Twarz jest za mała lub nieostra. Zrób zdjęcie z bliska, w dobrym świetle.",
  too_little_speech: "Jest w tym za mało mowy. Mów dłużej.",
  clipped: "Nagranie jest za głośne i częściowo obcięte. Nagraj je jeszcze raz.",
  several_voices: "Mówi więcej niż jedna osoba. Nagraj tylko swój głos.",
  another_person: "To nie wygląda na osobę z pozostałych wzorów. Jedna tarcza chroni jedną osobę.",
  deleted: "Ta tarcza jest usunięta. Można utworzyć nową.",
  too_many_shields: "Nie można mieć więcej tarcz.",
  answered: "Odpowiedź już padła albo czas na nią minął. Sprawdź jeszcze raz.",
  gone: "Tego pliku już nie ma. Prześlij go jeszcze raz.",
  not_own_face: "Nikt na tym nie przypomina osoby z Twojego selfie. Zapytaj osobę, którą widać.",
  yourself: "To Ty? W takim razie potwierdź, że nie ma tu nikogo innego.",
  enough_asked:
    "Wszystkie widoczne osoby już się zgodziły lub mają pytanie. Poczekaj na odpowiedzi.",
  nothing_to_ask: "W sprawie tego pliku nie trzeba już nikogo pytać.",
  not_judged: "Nasze kontrole jeszcze trwają. Zapytaj, gdy się skończą.",
  not_answered: "Ta osoba nie odpowiedziała na czas.",
  asked_too_many: "Dziś nie można zapytać więcej osób. Wróć do tego jutro.",
  decided: "To już rozstrzygnięte lub zamknięte.",
  appeal_exists: "Odwołanie w tej sprawie już jest.",
  appeal_too_late: "Czas na odwołanie minął.",
  appeals_closed: "W tej chwili nie można się odwołać.",
  not_appealable: "Aplikacja nie przewiduje odwołania od tej decyzji.",
  too_many_open: "Pracujemy jeszcze nad innymi Twoimi zgłoszeniami. Odezwiemy się.",
  no_copies_of_minors:
    "Jeśli widać osobę poniżej 18 lat, nie dodawaj plików. Wystarczy nam wiedzieć, gdzie to jest.",
  requester_unknown:
    "Inna platforma musi wiedzieć, kto prosi. Podaj imię i nazwisko oraz adres e-mail.",
  not_our_address: "Ten adres nie należy do naszej aplikacji. Sprawdź go.",
  several_accounts: "To wpisy z różnych kont. Zgłoś każde konto osobno.",
  no_such_upload: "Takiego wpisu nie ma albo już zniknął.",
  too_old: "Nie udało się tego wysłać na czas. Zrób to jeszcze raz.",
};
