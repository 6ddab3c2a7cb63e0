import type { Language } from "media-integrity-sdk";

/** The app's own few words; the SDK's screens bring theirs. */
export interface Words {
  readonly title: string;
  readonly tabs: Readonly<
    Record<"upload" | "requests" | "shield" | "report" | "notifications" | "settings", string>
  >;
  readonly signIn: string;
  readonly signUp: string;
  readonly signOut: string;
  readonly mail: string;
  readonly password: string;
  readonly tryAs: (name: string) => string;
  readonly signInFailed: string;
  readonly choose: string;
  readonly onlyMe: string;
  readonly look: string;
  readonly asSystem: string;
  readonly light: string;
  readonly dark: string;
  readonly showIt: string;
  readonly again: string;
  readonly another: string;
  readonly yourUpload: string;
  readonly noRequests: string;
  readonly device: string;
  readonly language: string;
  readonly ownId: string;
  readonly signedInAs: (name: string) => string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    title: "Example",
    tabs: {
      upload: "Upload",
      requests: "Requests",
      shield: "Shield",
      report: "Report",
      notifications: "News",
      settings: "Settings",
    },
    signIn: "Sign in",
    signUp: "Make an account",
    signOut: "Sign out",
    mail: "E-mail address",
    password: "Password",
    tryAs: (name) => `Try it as ${name}`,
    signInFailed: "That did not work. Check the address and the password.",
    choose: "Choose a picture, film or recording",
    onlyMe: "It shows only me",
    look: "Look",
    asSystem: "As the system",
    light: "Light",
    dark: "Dark",
    showIt: "Show it",
    again: "Try again",
    another: "Upload another",
    yourUpload: "Your upload",
    noRequests: "Nobody has asked you for your consent.",
    device: "Know this device again, by a salted hash",
    language: "Language",
    ownId: "Your account's id, for others who ask for your consent",
    signedInAs: (name) => `Signed in as ${name}`,
  },
  es: {
    title: "Ejemplo",
    tabs: {
      upload: "Subir",
      requests: "Solicitudes",
      shield: "Escudo",
      report: "Denunciar",
      notifications: "Avisos",
      settings: "Ajustes",
    },
    signIn: "Iniciar sesión",
    signUp: "Crear una cuenta",
    signOut: "Cerrar sesión",
    mail: "Correo electrónico",
    password: "Contraseña",
    tryAs: (name) => `Probar como ${name}`,
    signInFailed: "No ha funcionado. Comprueba el correo y la contraseña.",
    choose: "Elige una imagen, un vídeo o una grabación",
    onlyMe: "Solo se me ve a mí",
    look: "Aspecto",
    asSystem: "Como el sistema",
    light: "Claro",
    dark: "Oscuro",
    showIt: "Mostrar",
    again: "Intentar de nuevo",
    another: "Subir otro archivo",
    yourUpload: "Tu archivo",
    noRequests: "Nadie te ha pedido tu consentimiento.",
    device: "Reconocer este dispositivo mediante un hash con sal",
    language: "Idioma",
    ownId: "El identificador de tu cuenta, para quien pida tu consentimiento",
    signedInAs: (name) => `Sesión iniciada como ${name}`,
  },
  de: {
    title: "Beispiel",
    tabs: {
      upload: "Hochladen",
      requests: "Anfragen",
      shield: "Schutz",
      report: "Melden",
      notifications: "Neues",
      settings: "Einstellungen",
    },
    signIn: "Anmelden",
    signUp: "Konto anlegen",
    signOut: "Abmelden",
    mail: "E-Mail-Adresse",
    password: "Passwort",
    tryAs: (name) => `Als ${name} ausprobieren`,
    signInFailed: "Das hat nicht geklappt. Prüfe Adresse und Passwort.",
    choose: "Bild, Film oder Aufnahme auswählen",
    onlyMe: "Es zeigt nur mich",
    look: "Aussehen",
    asSystem: "Wie das System",
    light: "Hell",
    dark: "Dunkel",
    showIt: "Zeigen",
    again: "Noch einmal versuchen",
    another: "Noch etwas hochladen",
    yourUpload: "Dein Upload",
    noRequests: "Niemand hat dich um deine Zustimmung gebeten.",
    device: "Dieses Gerät an einem gesalzenen Hash wiedererkennen",
    language: "Sprache",
    ownId: "Die Kennung deines Kontos, für andere, die um deine Zustimmung bitten",
    signedInAs: (name) => `Angemeldet als ${name}`,
  },
  fr: {
    title: "Exemple",
    tabs: {
      upload: "Envoyer",
      requests: "Demandes",
      shield: "Bouclier",
      report: "Signaler",
      notifications: "Messages",
      settings: "Réglages",
    },
    signIn: "Se connecter",
    signUp: "Créer un compte",
    signOut: "Se déconnecter",
    mail: "Adresse e-mail",
    password: "Mot de passe",
    tryAs: (name) => `Essayer en tant que ${name}`,
    signInFailed: "Cela n’a pas fonctionné. Vérifiez l’adresse et le mot de passe.",
    choose: "Choisir une image, une vidéo ou un enregistrement",
    onlyMe: "On n’y voit que moi",
    look: "Apparence",
    asSystem: "Comme le système",
    light: "Clair",
    dark: "Sombre",
    showIt: "Afficher",
    again: "Réessayer",
    another: "Envoyer autre chose",
    yourUpload: "Votre envoi",
    noRequests: "Personne ne vous a demandé votre consentement.",
    device: "Reconnaître cet appareil par une empreinte salée",
    language: "Langue",
    ownId: "L’identifiant de votre compte, pour qui demande votre consentement",
    signedInAs: (name) => `Connecté en tant que ${name}`,
  },
  pl: {
    title: "Przykład",
    tabs: {
      upload: "Wyślij",
      requests: "Prośby",
      shield: "Tarcza",
      report: "Zgłoś",
      notifications: "Nowości",
      settings: "Ustawienia",
    },
    signIn: "Zaloguj się",
    signUp: "Załóż konto",
    signOut: "Wyloguj się",
    mail: "Adres e-mail",
    password: "Hasło",
    tryAs: (name) => `Wypróbuj jako ${name}`,
    signInFailed: "Nie udało się. Sprawdź adres i hasło.",
    choose: "Wybierz zdjęcie, film lub nagranie",
    onlyMe: "Widać na nim tylko mnie",
    look: "Wygląd",
    asSystem: "Jak w systemie",
    light: "Jasny",
    dark: "Ciemny",
    showIt: "Pokaż",
    again: "Spróbuj ponownie",
    another: "Wyślij coś jeszcze",
    yourUpload: "Twój plik",
    noRequests: "Nikt nie poprosił cię o zgodę.",
    device: "Rozpoznawaj to urządzenie po solonym skrócie",
    language: "Język",
    ownId: "Identyfikator konta dla osób, które proszą o zgodę",
    signedInAs: (name) => `Zalogowano jako ${name}`,
  },
  ar: {
    title: "مثال",
    tabs: {
      upload: "رفع",
      requests: "الطلبات",
      shield: "الدرع",
      report: "إبلاغ",
      notifications: "الجديد",
      settings: "الإعدادات",
    },
    signIn: "تسجيل الدخول",
    signUp: "إنشاء حساب",
    signOut: "تسجيل الخروج",
    mail: "البريد الإلكتروني",
    password: "كلمة المرور",
    tryAs: (name) => `جرّب باسم ${name}`,
    signInFailed: "لم ينجح ذلك. تحقق من العنوان وكلمة المرور.",
    choose: "اختر صورة أو فيديو أو تسجيلًا",
    onlyMe: "لا يظهر فيه أحد غيري",
    look: "المظهر",
    asSystem: "مثل النظام",
    light: "فاتح",
    dark: "داكن",
    showIt: "إظهار",
    again: "حاول مرة أخرى",
    another: "رفع ملف آخر",
    yourUpload: "ملفك",
    noRequests: "لم يطلب أحد موافقتك.",
    device: "التعرّف على هذا الجهاز ببصمة مشفّرة",
    language: "اللغة",
    ownId: "معرّف حسابك، لمن يطلب موافقتك",
    signedInAs: (name) => `مسجّل الدخول باسم ${name}`,
  },
};
