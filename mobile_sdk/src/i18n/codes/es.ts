import type { Codes } from "./types.js";

export const es: Codes = {
  reasons: {
    clean: {
      title: "No se encontró nada",
      text: "Nuestras comprobaciones no encontraron nada contrario a las normas.",
    },
    ai_generated: {
      title: "Hecho con IA",
      text: "El archivo dice que se hizo con un generador de IA.",
    },
    bank_match_confirmed: {
      title: "Conocido por una denuncia",
      text: "El archivo coincide con contenido que se denunció como abusivo y que una persona ha confirmado.",
    },
    bank_match_unconfirmed: {
      title: "Parecido a algo denunciado",
      text: "El archivo se parece a contenido que alguien ha denunciado. Una persona tiene que compararlos.",
    },
    nudity_adult: { title: "Desnudez", text: "Muestra desnudez." },
    nudity_teen: {
      title: "Desnudez",
      text: "Muestra desnudez, y la cuenta es de una persona menor de 18 años o de edad desconocida.",
    },
    ai_nudity: {
      title: "Desnudez hecha con IA",
      text: "Muestra desnudez, y el archivo dice que lo hizo un generador de IA.",
    },
    ai_generated_person: {
      title: "Una persona hecha o cambiada con IA",
      text: "El archivo dice que un generador de IA lo hizo o lo cambió, y en él aparece una persona.",
    },
    face_altered: {
      title: "Una cara parece modificada",
      text: "Una cara parece modificada por un programa.",
    },
    face_swapped: {
      title: "Una cara parece sustituida",
      text: "Una cara parece puesta desde otra imagen.",
    },
    face_generated: {
      title: "Una persona parece generada",
      text: "La persona que aparece parece hecha por un programa.",
    },
    sexual_ai_nudity: {
      title: "Desnudez que parece generada",
      text: "Parece desnudez hecha o completada por un programa.",
    },
    sexual_deepfake: {
      title: "Contenido sexual con una cara cambiada",
      text: "Parece contenido sexual en el que se cambió o se puso la cara de alguien.",
    },
    voice_synthetic: {
      title: "Una voz suena generada",
      text: "La voz suena como hecha por un programa.",
    },
    confession_audio: {
      title: "Una voz generada que confiesa o amenaza",
      text: "La voz suena como hecha por un programa, y sus palabras confiesan algo o amenazan a alguien.",
    },
    identity_morphed: {
      title: "Una cara parece mezclada",
      text: "La cara parece una mezcla de dos personas.",
    },
    document_edited: {
      title: "Un documento parece editado",
      text: "Una parte del documento o de la captura parece cambiada después.",
    },
    humiliation: {
      title: "Una cara cambiada con un ataque",
      text: "Una cara parece modificada, y el texto ataca o amenaza a alguien.",
    },
    file_contradicts_itself: {
      title: "El archivo se contradice",
      text: "Lo que el archivo dice de su origen no encaja.",
    },
    credentials_invalid: {
      title: "Las credenciales no encajan",
      text: "El archivo lleva credenciales de contenido que no se corresponden con él.",
    },
    text_hate: {
      title: "Texto que ataca a personas",
      text: "El texto contiene palabras que atacan a personas por lo que son.",
    },
    text_threat: { title: "Texto que amenaza", text: "El texto se lee como una amenaza." },
    text_sextortion: {
      title: "Amenaza de difundir imágenes",
      text: "El texto se lee como una amenaza de difundir imágenes íntimas. Si alguien te lo ha enviado, no es culpa tuya: no pagues y denúncialo.",
    },
    check_failed: {
      title: "Una comprobación no se hizo",
      text: "Una de nuestras comprobaciones no pudo ejecutarse, así que una persona lo mirará.",
    },
    check_inconclusive: {
      title: "Sin resultado claro",
      text: "Una de nuestras comprobaciones no llegó a un resultado claro, así que una persona lo mirará.",
    },
    too_much_to_check: {
      title: "Demasiado largo para comprobarlo entero",
      text: "El archivo es demasiado largo para comprobarlo entero automáticamente. Una versión más corta quizá pase al momento.",
    },
    out_of_tries: {
      title: "Las comprobaciones no terminaron",
      text: "Nuestras comprobaciones no terminaron, así que una persona lo mirará.",
    },
    looked_at: { title: "Revisado", text: "La moderación lo miró y lo autorizó." },
    moderated: {
      title: "Decisión de la moderación",
      text: "La moderación lo miró y decidió que no se publica.",
    },
    person_protected: {
      title: "El consentimiento no es seguro",
      text: "Es posible que una persona que aparece no haya aceptado que se la muestre, así que la moderación lo mirará.",
    },
    protected_altered: {
      title: "El consentimiento no es seguro",
      text: "Es posible que una persona que aparece no haya aceptado que se la muestre, y según nuestras comprobaciones un programa hizo o cambió el archivo, o muestra desnudez.",
    },
    protected_refused: {
      title: "Alguien no está de acuerdo",
      text: "Una persona que aparece no está de acuerdo con que se la muestre. Si solo apareces tú, reclama: una persona lo mirará.",
    },
    consent_refused: {
      title: "Alguien no está de acuerdo",
      text: "Una persona que aparece no está de acuerdo con que se la muestre.",
    },
    consent_expired: {
      title: "No todas las personas aceptaron",
      text: "No todas las personas que aparecen aceptaron en siete días. Puedes subirlo otra vez y volver a preguntar.",
    },
    consent_withdrawn: {
      title: "Consentimiento retirado",
      text: "Una persona que aparece ya no está de acuerdo con que se la muestre.",
    },
    reported: {
      title: "Fue denunciado",
      text: "Lo denunció la persona que aparece, o alguien que actúa en su nombre.",
    },
    origin_watched: {
      title: "Una mirada más atenta unos días",
      text: "Durante unos días se miran antes de publicarse los archivos que llegan de la red de la que vino este. No dice nada sobre ti.",
    },
  },
  violations: {
    deepfake_face: {
      title: "Ultrafalso de una cara",
      text: "Una cara creada o cambiada para mostrar a una persona real.",
    },
    face_swap: { title: "Cara sustituida", text: "La cara de una persona puesta sobre otra." },
    ai_nude: { title: "Desnudez generada", text: "Desnudez hecha o completada por un programa." },
    synthetic_pornography: {
      title: "Contenido sexual generado",
      text: "Contenido sexual con la cara de una persona real.",
    },
    voice_clone: {
      title: "Voz clonada",
      text: "La voz de una persona real hecha por un programa.",
    },
    identity_morphing: { title: "Identidad mezclada", text: "Una cara mezclada de dos personas." },
    evidence_fabrication: {
      title: "Pruebas falsificadas",
      text: "Un documento, un chat o una captura falsificados.",
    },
    fake_confession_audio: {
      title: "Confesión inventada",
      text: "Palabras inventadas con una confesión o una amenaza.",
    },
    synthetic_humiliation: {
      title: "Humillación",
      text: "Contenido hecho para degradar a una persona real.",
    },
    known_abusive_media: {
      title: "Contenido abusivo conocido",
      text: "Contenido conocido como abusivo.",
    },
  },
  refusals: {
    empty: "El archivo está vacío. Elige otro, por favor.",
    unsupported_type:
      "No abrimos este tipo de archivo. Elige una imagen, un vídeo o una grabación, por favor.",
    damaged: "El archivo está dañado y no se puede mostrar entero. Elige otro, por favor.",
    too_large: "El archivo es demasiado grande. Quizá sirva una versión más pequeña.",
    too_many_pixels:
      "La imagen es demasiado grande al abrirla. Quizá sirva una versión más pequeña.",
    gone: "El archivo ya no estaba cuando quisimos comprobarlo. Súbelo otra vez, por favor.",
    other: "No podemos aceptar este archivo. Elige otro, por favor.",
  },
  claims: {
    posted_publicly:
      "Quien se muestra en un lugar decide sobre ese lugar. Eso no permite a otras personas mostrarlo en otro.",
    relationship:
      "Tener cercanía con alguien, ahora o antes, no es su consentimiento para publicar una imagen suya.",
    paid_for:
      "Pagar por una imagen o una suscripción permite verla. Si se publica aquí lo siguen decidiendo las personas que aparecen.",
    sent_to_me:
      "Quien te envía una imagen suya la comparte contigo. Mostrarla a otras personas es otra cuestión, y solo esa persona puede responderla.",
    ownership:
      "Haber hecho una imagen, o tener sus derechos, no sustituye el consentimiento de quienes aparecen. Si solo apareces tú, dilo aquí.",
    assumed: "Puede que tengas razón y que aceptaran. No podemos saberlo hasta que lo digan.",
    other:
      "El motivo para compartir una imagen no cambia que las personas que aparecen deciden si se muestra.",
    none: "Solo pueden aceptar las personas que aparecen; un mensaje no puede hacerlo por ellas.",
  },
  claimNext:
    "Puedes preguntar a cada persona que aparece, en la aplicación o con un enlace. En cuanto todas acepten, tu subida sigue adelante.",
  sanctions: {
    NONE: "Para tu cuenta no tiene consecuencias.",
    WARNING: "Tu cuenta recibe una advertencia.",
    FRAUD_FLAG: "En tu cuenta se anota que subió algo falsificado.",
    PERMANENT_BAN: "Tu cuenta se cierra para siempre.",
    PERMANENT_BAN_LEGAL:
      "Tu cuenta se cierra para siempre, y el caso puede comunicarse a una autoridad.",
  },
  steps: {
    open: "Abrir el archivo",
    fingerprint: "Hacer una huella",
    match: "Comparar con contenido denunciado",
    examine: "Buscar rastros de manipulación",
    decide: "Sopesar los resultados",
    file: "Colocarlo en su lugar",
  },
  surfaces: {
    feed: "En las publicaciones",
    avatar: "Como foto de perfil",
    dm: "En un mensaje privado",
  },
  purposes: {
    publish: "Para mostrarse en la aplicación",
    promote: "Para hacer publicidad de algo",
  },
  consentRequests: {
    pending: "Sin respuesta todavía",
    confirmed: "Ha aceptado",
    refused: "No está de acuerdo",
    expired: "No respondió a tiempo",
    cancelled: "Ya no hace falta",
  },
  appealReasons: {
    not_synthetic: {
      title: "Es real",
      text: "Ningún programa lo hizo ni lo cambió, o solo de formas que no importan.",
    },
    consent_given: {
      title: "Todas las personas aceptaron",
      text: "Las personas que aparecen han aceptado que se las muestre.",
    },
    mistaken_match: {
      title: "Se confundió con otra cosa",
      text: "Solo se parece a lo denunciado, o muestra a otra persona.",
    },
    art_or_parody: {
      title: "Es arte, parodia o noticia",
      text: "Se reconoce claramente como tal y no engaña a nadie.",
    },
  },
  appeals: {
    pending: {
      title: "Enviada",
      text: "Tenemos tu reclamación. La mirará una persona que no participó en la decisión.",
    },
    in_review: { title: "En revisión", text: "Una persona está mirando tu reclamación." },
    rejected: { title: "No se pudo tramitar", text: "Tu reclamación no se pudo tramitar." },
    upheld: {
      title: "La decisión se mantiene",
      text: "Una persona lo ha mirado otra vez. La decisión queda como está.",
    },
    overturned: {
      title: "Tenías razón",
      text: "La decisión se ha anulado, con todo lo que se derivó de ella.",
    },
  },
  levels: {
    standard: {
      title: "Estándar",
      text: "Cada subida nueva se compara antes de que nadie la vea.",
    },
    enhanced: {
      title: "Ampliado",
      text: "También revisa lo publicado antes y avisa al momento a la moderación.",
    },
    maximum: {
      title: "Máximo",
      text: "También reúne pruebas y puede tener a mano un contacto jurídico.",
    },
  },
  shields: {
    pending: { title: "Todavía no activo", text: "Añade una imagen de tu cara para activarlo." },
    active: { title: "Activo", text: "Cada subida nueva se compara antes de que nadie la vea." },
    paused: { title: "En pausa", text: "No protege nada hasta que lo vuelvas a activar." },
    disputed: {
      title: "En revisión",
      text: "La moderación lo está comprobando. Hasta entonces solo retiene subidas.",
    },
    deleted: {
      title: "Eliminado",
      text: "La clave está destruida. Lo que queda desaparece en 30 días.",
    },
  },
  hashRefusals: {
    malformed: "La huella no está completa.",
    low_quality: "Se ve demasiado poco. Quizá sirva una imagen más nítida.",
    flat: "Tiene casi un solo color, y demasiadas imágenes se le parecerían.",
    other: "No se pudo usar.",
  },
  shieldOutcomes: {
    noted: "Gracias. La moderación ve tu respuesta.",
    blocked: "Gracias. Está bloqueada.",
    released: "Gracias. Se comprueba una vez más y se publica si nada más lo impide.",
  },
  reportKinds: {
    ncii: {
      title: "Imágenes íntimas sin consentimiento",
      text: "Imágenes o vídeos desnudos o sexuales de alguien que no aceptó.",
    },
    deepfake: {
      title: "Imagen, vídeo o voz falsos",
      text: "Un programa cambió o creó la cara, el cuerpo o la voz de alguien.",
    },
    impersonation: {
      title: "Alguien se hace pasar por mí o por otra persona",
      text: "Con su cara, su nombre o su voz.",
    },
    extortion: {
      title: "Alguien amenaza o chantajea",
      text: "No pagues. No es culpa tuya. Estas denuncias van primero.",
    },
    other: { title: "Otra cosa", text: "Dinos abajo de qué se trata." },
  },
  reports: {
    submitted: { title: "Enviada", text: "La tenemos. Una persona la mirará." },
    in_progress: { title: "En curso", text: "Estamos trabajando en la retirada." },
    resolved: { title: "Terminada", text: "Todo lo que indicaste está retirado." },
    unresolved: { title: "No todo está retirado", text: "Abajo ves lo que queda." },
    rejected: { title: "No aceptada", text: "Una persona la miró y no la aceptó." },
    withdrawn: { title: "Retirada", text: "Has retirado la denuncia." },
  },
  capacities: {
    depicted: "Soy la persona que aparece",
    representative: "Actúo en nombre de la persona que aparece",
  },
  takedowns: {
    prepared: {
      title: "Preparada",
      text: "La carta está lista y saldrá cuando alguien la haya mirado.",
    },
    requested: {
      title: "Solicitada",
      text: "La plataforma ha recibido la solicitud y tiene 48 horas.",
    },
    acknowledged: {
      title: "Confirmada",
      text: "La plataforma ha respondido que se ocupa de ello.",
    },
    removed: { title: "Retirado", text: "Ya no está allí." },
    refused: { title: "No retirado", text: "La plataforma se ha negado, o se volvió a publicar." },
    expired: {
      title: "Plazo terminado",
      text: "La plataforma no lo retiró en 48 horas. Nos ocupamos de ello.",
    },
    withdrawn: { title: "Anulada", text: "No se pide nada más." },
  },
  notifications: {
    shield_media_held: {
      title: "Estamos comprobando una subida por ti",
      text: "Quizá aparezcas en ella. Se retiene mientras la mira la moderación.",
    },
    shield_media_blocked: {
      title: "Hemos detenido una subida",
      text: "Quizá aparezcas en ella. No está publicada, y no tienes que hacer nada.",
    },
    shield_rescan_found: {
      title: "Encontramos algo publicado antes",
      text: "Quizá aparezcas. Ya no se muestra.",
    },
    shield_disputed: {
      title: "Tu escudo está en revisión",
      text: "La moderación lo está comprobando; hasta entonces funciona solo en parte.",
    },
    consent_requested: {
      title: "Alguien pide tu consentimiento",
      text: "Tú decides. No se publica nada antes de tu respuesta.",
    },
    consent_confirmed: { title: "Han respondido a tu solicitud", text: "La respuesta es sí." },
    consent_refused: {
      title: "Han respondido a tu solicitud",
      text: "La respuesta es no, así que no se publica nada.",
    },
    consent_expired: {
      title: "Una solicitud ha caducado",
      text: "No se respondió a tiempo, así que no se publica nada.",
    },
    consent_withdrawn: {
      title: "Se ha retirado un consentimiento",
      text: "Lo que dependía de él ya no se muestra.",
    },
    upload_held: {
      title: "Estamos revisando tu subida",
      text: "Hasta entonces no se publica. No tienes que hacer nada.",
    },
    upload_blocked: {
      title: "Tu subida no está publicada",
      text: "Aquí puedes leer por qué y qué puedes hacer.",
    },
    upload_released: {
      title: "Tu subida ha sido autorizada",
      text: "El equipo de moderación la ha autorizado. Se comprueba una vez más y se publica si nada más lo impide.",
    },
    upload_unpublished: {
      title: "Una de tus subidas ya no se muestra",
      text: "Aquí puedes leer por qué y qué puedes hacer.",
    },
    appeal_received: {
      title: "Tenemos tu reclamación",
      text: "La mirará una persona que no participó en la decisión.",
    },
    appeal_decided: {
      title: "Tu reclamación está resuelta",
      text: "Aquí puedes leer la decisión y sus motivos.",
    },
    restriction_set: {
      title: "Un cambio en tu cuenta",
      text: "Algunas funciones están cerradas. Aquí puedes leer cuáles y por qué.",
    },
    restriction_lifted: {
      title: "Un cambio en tu cuenta",
      text: "Vuelven a estar abiertas funciones que estaban cerradas.",
    },
    report_received: {
      title: "Hemos recibido tu denuncia",
      text: "Gracias. La miraremos y te diremos qué ocurre.",
    },
    report_changed: { title: "Novedades sobre tu denuncia", text: "Mira en qué punto está." },
    takedown_changed: { title: "Novedades sobre una retirada", text: "Mira en qué punto está." },
  },
};
