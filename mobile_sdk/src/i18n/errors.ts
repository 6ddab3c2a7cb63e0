import type { ErrorCode } from "../types/errors.js";
import type { Language } from "../types/generated/messages.js";
import { reasonsIn } from "./reasons/index.js";

/** The languages that we have, English first. */
export const LANGUAGES: readonly Language[] = ["en", "es", "de", "fr", "pl", "ar"];

/** The nearest of our languages to a phone's tag such as `de-AT`; English where we lack it. */
export function languageOf(tag: string | undefined): Language {
  const wanted = tag?.split(/[-_]/, 1)[0]?.toLowerCase();
  return LANGUAGES.find((language) => language === wanted) ?? "en";
}

/** Reasons that have words from the start; the others' are fetched, see `reasons/index.ts`. */
type WordedReason = "file_type" | "file_size" | "file_empty" | "file_unreadable" | "would_be_held";

type Words = Readonly<Record<ErrorCode | WordedReason, string>>;

const en: Words = {
  unauthenticated: "Please sign in again, then repeat this.",
  "app-check":
    "This app could not be verified. Update it, and use the one from the store of your phone.",
  forbidden: "Your account may not do this.",
  "not-found": "This is not there any more, or is not meant for your account.",
  invalid: "This was not understood. Please check what you entered.",
  conflict: "Something has changed in the meantime. Please look again.",
  "too-many": "That was a bit often. Please wait a moment and try again.",
  "upload-refused": "Your account cannot upload at the moment.",
  file: "This file could not be taken. Please choose another one.",
  offline: "There is no connection, so nothing was sent. Please try again once you are connected.",
  unavailable: "Our service does not answer at the moment. Please try again soon.",
  timeout: "This took too long. Please try again.",
  cancelled: "This was cancelled.",
  "session-lost": "This upload cannot go on. Please choose the file again.",
  internal: "Something went wrong on our side. Please try again later.",
  file_type:
    "Files of this kind are not accepted. You can upload pictures (JPEG, PNG, GIF, WebP, AVIF, HEIC), " +
    "videos (MP4, MOV, WebM) and recordings (MP3, M4A, AAC, WAV, OGG, WebM, FLAC).",
  file_size:
    "This file is too large. Pictures may have up to 25 MB, videos up to 250 MB, recordings up to 50 MB.",
  file_empty: "This file is empty. Check that it opens on your device and choose it again.",
  file_unreadable:
    "This file could not be read. Check that it opens on your device and choose it again.",
  would_be_held:
    "This picture was not sent: our first check says that it would be held back. " +
    "If you think that this is a mistake, you can send it to be looked at.",
};

const es: Words = {
  unauthenticated: "Vuelve a iniciar sesión y repítelo, por favor.",
  "app-check":
    "No se ha podido verificar esta aplicación. Actualízala y usa la de la tienda de tu teléfono.",
  forbidden: "Tu cuenta no puede hacer esto.",
  "not-found": "Esto ya no está o no es para tu cuenta.",
  invalid: "No se ha entendido. Revisa lo que has escrito, por favor.",
  conflict: "Algo ha cambiado mientras tanto. Vuelve a mirarlo, por favor.",
  "too-many": "Ha sido demasiado seguido. Espera un momento y vuelve a intentarlo.",
  "upload-refused": "Tu cuenta no puede subir archivos en este momento.",
  file: "No se ha podido aceptar este archivo. Elige otro, por favor.",
  offline:
    "No hay conexión y no se ha enviado nada. Inténtalo de nuevo cuando la tengas, por favor.",
  unavailable: "Nuestro servicio no responde en este momento. Inténtalo de nuevo pronto.",
  timeout: "Ha tardado demasiado. Inténtalo de nuevo, por favor.",
  cancelled: "Se ha cancelado.",
  "session-lost": "Esta subida no puede continuar. Vuelve a elegir el archivo, por favor.",
  internal: "Algo ha fallado por nuestra parte. Inténtalo más tarde, por favor.",
  file_type:
    "No se aceptan archivos de este tipo. Puedes subir imágenes (JPEG, PNG, GIF, WebP, AVIF, HEIC), " +
    "vídeos (MP4, MOV, WebM) y grabaciones (MP3, M4A, AAC, WAV, OGG, WebM, FLAC).",
  file_size:
    "Este archivo es demasiado grande. Las imágenes pueden tener hasta 25 MB, los vídeos hasta 250 MB " +
    "y las grabaciones hasta 50 MB.",
  file_empty:
    "Este archivo está vacío. Comprueba que se abre en tu dispositivo y vuelve a elegirlo.",
  file_unreadable:
    "No se ha podido leer este archivo. Comprueba que se abre en tu dispositivo y vuelve a elegirlo.",
  would_be_held:
    "Esta imagen no se ha enviado: según nuestra primera revisión, quedaría retenida. " +
    "Si crees que es un error, puedes enviarla para que se revise.",
};

const de: Words = {
  unauthenticated: "Bitte melde dich noch einmal an und wiederhole es dann.",
  "app-check":
    "Diese App konnte nicht bestätigt werden. Aktualisiere sie und nutze die aus dem Store deines Telefons.",
  forbidden: "Dein Konto darf das nicht.",
  "not-found": "Das gibt es nicht mehr, oder es ist nicht für dein Konto bestimmt.",
  invalid: "Das wurde nicht verstanden. Bitte prüfe deine Angaben.",
  conflict: "Inzwischen hat sich etwas geändert. Bitte sieh noch einmal nach.",
  "too-many": "Das war etwas oft. Bitte warte einen Moment und versuche es noch einmal.",
  "upload-refused": "Dein Konto kann im Moment nichts hochladen.",
  file: "Diese Datei konnte nicht angenommen werden. Bitte wähle eine andere.",
  offline:
    "Es gibt keine Verbindung, es wurde nichts gesendet. Bitte versuche es noch einmal, sobald du verbunden bist.",
  unavailable: "Unser Dienst antwortet im Moment nicht. Bitte versuche es bald noch einmal.",
  timeout: "Das hat zu lange gedauert. Bitte versuche es noch einmal.",
  cancelled: "Das wurde abgebrochen.",
  "session-lost": "Dieser Upload kann nicht weitergehen. Bitte wähle die Datei noch einmal.",
  internal: "Bei uns ist etwas schiefgegangen. Bitte versuche es später noch einmal.",
  file_type:
    "Dateien dieser Art werden nicht angenommen. Möglich sind Bilder (JPEG, PNG, GIF, WebP, AVIF, HEIC), " +
    "Videos (MP4, MOV, WebM) und Aufnahmen (MP3, M4A, AAC, WAV, OGG, WebM, FLAC).",
  file_size:
    "Diese Datei ist zu groß. Bilder dürfen bis zu 25 MB haben, Videos bis zu 250 MB, Aufnahmen bis zu 50 MB.",
  file_empty:
    "Diese Datei ist leer. Prüfe, ob sie sich auf deinem Gerät öffnen lässt, und wähle sie noch einmal.",
  file_unreadable:
    "Diese Datei konnte nicht gelesen werden. Prüfe, ob sie sich auf deinem Gerät öffnen lässt, " +
    "und wähle sie noch einmal.",
  would_be_held:
    "Dieses Bild wurde nicht gesendet: Nach unserer ersten Prüfung würde es zurückgehalten. " +
    "Wenn du das für einen Irrtum hältst, kannst du es zur Ansicht einsenden.",
};

const fr: Words = {
  unauthenticated: "Veuillez vous reconnecter, puis recommencer.",
  "app-check":
    "Cette application n’a pas pu être vérifiée. Mettez-la à jour et utilisez celle du magasin de votre téléphone.",
  forbidden: "Votre compte ne permet pas cette action.",
  "not-found": "Cet élément n’existe plus ou n’est pas destiné à votre compte.",
  invalid: "La demande n’a pas été comprise. Veuillez vérifier votre saisie.",
  conflict: "Quelque chose a changé entre-temps. Veuillez regarder à nouveau.",
  "too-many": "C’était un peu trop souvent. Veuillez patienter un instant, puis réessayer.",
  "upload-refused": "Votre compte ne peut pas envoyer de fichiers pour le moment.",
  file: "Ce fichier n’a pas pu être accepté. Veuillez en choisir un autre.",
  offline:
    "Il n’y a pas de connexion, rien n’a été envoyé. Veuillez réessayer une fois la connexion rétablie.",
  unavailable: "Notre service ne répond pas pour le moment. Veuillez réessayer bientôt.",
  timeout: "Cela a pris trop de temps. Veuillez réessayer.",
  cancelled: "L’opération a été annulée.",
  "session-lost": "Cet envoi ne peut pas continuer. Veuillez choisir le fichier à nouveau.",
  internal: "Un problème est survenu de notre côté. Veuillez réessayer plus tard.",
  file_type:
    "Les fichiers de ce type ne sont pas acceptés. Vous pouvez envoyer des images (JPEG, PNG, GIF, WebP, AVIF, " +
    "HEIC), des vidéos (MP4, MOV, WebM) et des enregistrements (MP3, M4A, AAC, WAV, OGG, WebM, FLAC).",
  file_size:
    "Ce fichier est trop volumineux. Les images peuvent faire jusqu’à 25 Mo, les vidéos jusqu’à 250 Mo, " +
    "les enregistrements jusqu’à 50 Mo.",
  file_empty:
    "Ce fichier est vide. Vérifiez qu’il s’ouvre sur votre appareil et choisissez-le à nouveau.",
  file_unreadable:
    "Ce fichier n’a pas pu être lu. Vérifiez qu’il s’ouvre sur votre appareil et choisissez-le à nouveau.",
  would_be_held:
    "Cette image n’a pas été envoyée : selon notre première vérification, elle serait retenue. " +
    "Si vous pensez qu’il s’agit d’une erreur, vous pouvez l’envoyer pour examen.",
};

const pl: Words = {
  unauthenticated: "Zaloguj się ponownie, a potem powtórz tę czynność.",
  "app-check":
    "Nie udało się zweryfikować tej aplikacji. Zaktualizuj ją i używaj wersji ze sklepu w telefonie.",
  forbidden: "Z tego konta nie można tego zrobić.",
  "not-found": "Tego już nie ma albo nie jest to przeznaczone dla tego konta.",
  invalid: "Nie udało się tego zrozumieć. Sprawdź wpisane dane.",
  conflict: "W międzyczasie coś się zmieniło. Sprawdź jeszcze raz.",
  "too-many": "To było trochę za często. Odczekaj chwilę i spróbuj ponownie.",
  "upload-refused": "Z tego konta nie można teraz przesyłać plików.",
  file: "Nie udało się przyjąć tego pliku. Wybierz inny.",
  offline: "Nie ma połączenia i nic nie zostało wysłane. Spróbuj ponownie, gdy wróci.",
  unavailable: "Nasza usługa chwilowo nie odpowiada. Spróbuj wkrótce ponownie.",
  timeout: "Trwało to zbyt długo. Spróbuj ponownie.",
  cancelled: "Anulowano.",
  "session-lost": "Tego przesyłania nie można kontynuować. Wybierz plik jeszcze raz.",
  internal: "Coś poszło nie tak po naszej stronie. Spróbuj ponownie później.",
  file_type:
    "Pliki tego rodzaju nie są przyjmowane. Można przesyłać obrazy (JPEG, PNG, GIF, WebP, AVIF, HEIC), " +
    "filmy (MP4, MOV, WebM) i nagrania (MP3, M4A, AAC, WAV, OGG, WebM, FLAC).",
  file_size:
    "Ten plik jest za duży. Obrazy mogą mieć do 25 MB, filmy do 250 MB, a nagrania do 50 MB.",
  file_empty:
    "Ten plik jest pusty. Sprawdź, czy otwiera się na urządzeniu, i wybierz go jeszcze raz.",
  file_unreadable:
    "Nie udało się odczytać tego pliku. Sprawdź, czy otwiera się na urządzeniu, i wybierz go jeszcze raz.",
  would_be_held:
    "Ten obraz nie został wysłany: według naszej wstępnej kontroli zostałby wstrzymany. " +
    "Jeśli to pomyłka, można go wysłać do sprawdzenia.",
};

const ar: Words = {
  unauthenticated: "يُرجى تسجيل الدخول مرة أخرى ثم إعادة المحاولة.",
  "app-check": "تعذّر التحقق من هذا التطبيق. حدِّثه واستخدم النسخة الموجودة في متجر هاتفك.",
  forbidden: "لا يُسمح لحسابك بهذا الإجراء.",
  "not-found": "لم يعد هذا موجودًا، أو أنه غير مخصّص لحسابك.",
  invalid: "لم نفهم الطلب. يُرجى مراجعة ما أدخلته.",
  conflict: "تغيّر شيء في هذه الأثناء. يُرجى النظر مرة أخرى.",
  "too-many": "تكرّر ذلك كثيرًا. يُرجى الانتظار قليلًا ثم المحاولة مجددًا.",
  "upload-refused": "لا يمكن لحسابك رفع الملفات في الوقت الحالي.",
  file: "تعذّر قبول هذا الملف. يُرجى اختيار ملف آخر.",
  offline: "لا يوجد اتصال ولم يُرسَل شيء. يُرجى المحاولة مجددًا عند عودة الاتصال.",
  unavailable: "خدمتنا لا تستجيب الآن. يُرجى المحاولة بعد قليل.",
  timeout: "استغرق ذلك وقتًا أطول من اللازم. يُرجى المحاولة مجددًا.",
  cancelled: "تم الإلغاء.",
  "session-lost": "لا يمكن متابعة هذا الرفع. يُرجى اختيار الملف مرة أخرى.",
  internal: "حدث خطأ من جانبنا. يُرجى المحاولة لاحقًا.",
  file_type:
    "لا تُقبل الملفات من هذا النوع. يمكنك رفع الصور (JPEG وPNG وGIF وWebP وAVIF وHEIC) " +
    "ومقاطع الفيديو (MP4 وMOV وWebM) والتسجيلات الصوتية (MP3 وM4A وAAC وWAV وOGG وWebM وFLAC).",
  file_size:
    "هذا الملف كبير جدًا. الحد الأقصى للصور 25 ميغابايت، وللفيديو 250 ميغابايت، وللتسجيلات 50 ميغابايت.",
  file_empty: "هذا الملف فارغ. تأكد من أنه يُفتح على جهازك ثم اختره مرة أخرى.",
  file_unreadable: "تعذّرت قراءة هذا الملف. تأكد من أنه يُفتح على جهازك ثم اختره مرة أخرى.",
  would_be_held:
    "لم تُرسَل هذه الصورة: يشير الفحص الأولي لدينا إلى أنها ستُحتجز. " +
    "إذا كنت ترى أن هذا خطأ فيمكنك إرسالها لمراجعتها.",
};

const WORDS: Readonly<Record<Language, Words>> = { en, es, de, fr, pl, ar };

/** What a user is told. Until when a refusal lasts is said in the user's own way to write dates. */
export function errorMessage(
  language: Language,
  code: ErrorCode,
  details: { readonly reason?: string | null; readonly until?: Date | null } = {},
): string {
  const { reason = null, until = null } = details;
  const own = reason === null ? undefined : reasonWords(language, reason);
  const text = own ?? WORDS[language][code];
  if (code !== "upload-refused" || until === null || own !== undefined) return text;
  return UNTIL[language].replace("{until}", dateOf(until, language));
}

/** Reasons that a user need not tell apart. */
const SAME: Readonly<Record<string, string>> = {
  empty: "file_empty",
  damaged: "file_unreadable",
  invalid_pixels: "file_unreadable",
  too_many_pixels: "too_large",
  too_small: "not_good_enough",
  complete: "nothing_to_ask",
  closed: "decided",
  appeal_queued: "appeal_exists",
};

function reasonWords(language: Language, reason: string): string | undefined {
  const key = Object.hasOwn(SAME, reason) ? (SAME[reason] ?? reason) : reason;
  for (const words of [WORDS[language], reasonsIn(language)]) {
    const texts: Readonly<Record<string, string>> = words;
    if (Object.hasOwn(texts, key)) return texts[key];
  }
  return undefined;
}

const UNTIL: Readonly<Record<Language, string>> = {
  en: "Your account cannot upload until {until}.",
  es: "Tu cuenta no puede subir archivos hasta el {until}.",
  de: "Dein Konto kann bis {until} nichts hochladen.",
  fr: "Votre compte ne peut pas envoyer de fichiers jusqu’au {until}.",
  pl: "Z tego konta nie można przesyłać plików do {until}.",
  ar: "لا يمكن لحسابك رفع الملفات حتى {until}.",
};

/** Some phones' JavaScript lacks the words of dates. */
function dateOf(date: Date, language: Language): string {
  try {
    return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(
      date,
    );
  } catch {
    return date.toISOString().slice(0, 16).replace("T", " ");
  }
}
