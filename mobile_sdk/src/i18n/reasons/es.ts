import type { Reasons } from "./types.js";

export const es: Reasons = {
  reference_size: "Este archivo es demasiado grande. Se aceptan hasta 8 MB.",
  evidence_type: "Solo se pueden añadir imágenes, PDF y archivos de texto.",
  evidence_size: "Un archivo es demasiado grande. Cada uno puede tener hasta 10 MB.",
  evidence_missing: "Un archivo no ha llegado. Vuelve a añadirlo, por favor.",
  unsupported_type: "No se pueden usar archivos de este tipo. Elige otro, por favor.",
  too_large: "Este archivo es demasiado grande. Elige uno más pequeño, por favor.",
  too_long: "Es demasiado largo. Elige algo más corto, por favor.",
  unreadable:
    "Este navegador no deja que las aplicaciones lean las imágenes con exactitud. " +
    "Puede deberse a un ajuste de privacidad o a una extensión.",
  busy: "Se ha añadido otra cosa en el mismo momento. Inténtalo de nuevo, por favor.",
  disputed: "Un moderador está revisando tu escudo. Hasta entonces no es posible.",
  somebody_asked:
    "Se ha preguntado a alguien por esta imagen. Espera su respuesta o habla con esa persona.",
  by_link: "Esta respuesta no se puede deshacer con el enlace. Escríbenos, por favor.",
  paused: "Tu escudo está en pausa. Primero vuelve a activarlo.",
  full: "Tu escudo está lleno. Quita algo antes de añadir más.",
  disputes_lost: "Ya no se puede añadir nada a tu escudo. Escríbenos si no es correcto.",
  looks_made:
    "Parece que un programa lo ha creado o modificado. Haz una toma directamente con tu teléfono, sin filtros.",
  not_usable: "Este archivo no se puede usar. Elige otro, por favor.",
  not_a_photograph: "Elige una sola fotografía, por favor.",
  not_one_face: "Debe verse exactamente una cara. Elige una imagen en la que salgas solo tú.",
  turned_away: "Mira de frente a la cámara, más de cerca.",
  not_good_enough:
    "La cara es demasiado pequeña o poco nítida. Haz la foto más de cerca y con buena luz.",
  too_little_speech: "Se habla muy poco en ella. Habla durante más tiempo, por favor.",
  clipped: "El sonido es demasiado fuerte y se corta. Vuelve a grabarlo, por favor.",
  several_voices: "Habla más de una persona. Graba solo tu voz.",
  another_person:
    "No se parece a la persona de tus otras referencias. Un escudo protege a una persona.",
  deleted: "Este escudo está eliminado. Puedes crear uno nuevo.",
  too_many_shields: "No puedes tener más escudos.",
  answered: "Ya se respondió, o el plazo ha terminado. Vuelve a mirarlo, por favor.",
  gone: "El archivo ya no está. Vuelve a subirlo, por favor.",
  not_own_face: "Nadie en la imagen se parece a tu selfi. Pregunta a la persona que aparece.",
  yourself: "¿Sales tú? Entonces confirma que solo apareces tú.",
  enough_asked:
    "Todas las personas que aparecen han aceptado o ya tienen la pregunta. Espera sus respuestas.",
  nothing_to_ask: "Ya no hay que preguntar a nadie sobre este archivo.",
  not_judged: "Nuestras comprobaciones aún no han terminado. Pregunta cuando terminen.",
  not_answered: "Esta persona no respondió a tiempo.",
  asked_too_many: "Hoy ya has preguntado a todas las personas posibles. Sigue mañana.",
  decided: "Esto ya está decidido o cerrado.",
  appeal_exists: "Ya has recurrido esta decisión.",
  appeal_too_late: "El plazo para recurrir ha terminado.",
  appeals_closed: "En este momento no puedes recurrir.",
  not_appealable: "La aplicación no ofrece recurso contra esta decisión.",
  too_many_open: "Aún trabajamos en tus otras denuncias. Te avisaremos.",
  no_copies_of_minors:
    "Si aparece alguien menor de 18 años, no añadas archivos, por favor. Nos basta con saber dónde está.",
  requester_unknown:
    "Otra plataforma debe saber quién lo pide. Indica un nombre y un correo electrónico, por favor.",
  not_our_address: "Esta dirección no es de nuestra aplicación. Revísala, por favor.",
  several_accounts:
    "Son publicaciones de cuentas distintas. Denuncia cada cuenta por separado, por favor.",
  no_such_upload: "Esta publicación no existe o ya no está.",
  too_old: "No se ha podido enviar a tiempo. Vuelve a hacerlo, por favor.",
};
