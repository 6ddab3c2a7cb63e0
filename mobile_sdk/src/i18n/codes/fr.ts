import type { Codes } from "./types.js";

export const fr: Codes = {
  reasons: {
    clean: {
      title: "Rien trouvé",
      text: "Nos contrôles n'ont rien trouvé de contraire aux règles.",
    },
    ai_generated: {
      title: "Fait avec une IA",
      text: "Le fichier indique qu'il a été fait avec un générateur d'IA.",
    },
    bank_match_confirmed: {
      title: "Connu par un signalement",
      text: "Le fichier correspond à un contenu signalé comme abusif et confirmé par une personne.",
    },
    bank_match_unconfirmed: {
      title: "Ressemble à un contenu signalé",
      text: "Le fichier ressemble à un contenu que quelqu'un a signalé. Une personne doit les comparer.",
    },
    nudity_adult: { title: "Nudité", text: "Il montre de la nudité." },
    nudity_teen: {
      title: "Nudité",
      text: "Il montre de la nudité, et le compte est celui d'une personne de moins de 18 ans ou d'âge inconnu.",
    },
    ai_nudity: {
      title: "Nudité faite avec une IA",
      text: "Il montre de la nudité, et le fichier indique qu'un générateur d'IA l'a fait.",
    },
    ai_generated_person: {
      title: "Une personne faite ou modifiée avec une IA",
      text: "Le fichier indique qu'un générateur d'IA l'a fait ou modifié, et une personne y figure.",
    },
    face_altered: {
      title: "Un visage semble modifié",
      text: "Un visage semble avoir été modifié par un programme.",
    },
    face_swapped: {
      title: "Un visage semble remplacé",
      text: "Un visage semble venir d'une autre image.",
    },
    face_generated: {
      title: "Une personne semble générée",
      text: "La personne qui y figure semble faite par un programme.",
    },
    sexual_ai_nudity: {
      title: "Nudité qui semble générée",
      text: "Cela ressemble à de la nudité faite ou complétée par un programme.",
    },
    sexual_deepfake: {
      title: "Contenu sexuel avec un visage modifié",
      text: "Cela ressemble à un contenu sexuel où un visage a été modifié ou ajouté.",
    },
    voice_synthetic: {
      title: "Une voix semble générée",
      text: "La voix semble faite par un programme.",
    },
    confession_audio: {
      title: "Une voix générée qui avoue ou menace",
      text: "La voix semble faite par un programme, et ses mots avouent quelque chose ou menacent quelqu'un.",
    },
    identity_morphed: {
      title: "Un visage semble mélangé",
      text: "Le visage ressemble à un mélange de deux personnes.",
    },
    document_edited: {
      title: "Un document semble retouché",
      text: "Une partie du document ou de la capture semble avoir été changée après coup.",
    },
    humiliation: {
      title: "Un visage modifié avec une attaque",
      text: "Un visage semble modifié, et le texte attaque ou menace quelqu'un.",
    },
    file_contradicts_itself: {
      title: "Le fichier se contredit",
      text: "Ce que le fichier dit de son origine ne concorde pas.",
    },
    credentials_invalid: {
      title: "Les attestations ne concordent pas",
      text: "Le fichier porte des attestations de contenu qui ne lui correspondent pas.",
    },
    text_hate: {
      title: "Un texte qui attaque des personnes",
      text: "Le texte contient des mots qui attaquent des personnes pour ce qu'elles sont.",
    },
    text_threat: { title: "Un texte qui menace", text: "Le texte se lit comme une menace." },
    text_sextortion: {
      title: "Menace de diffuser des images",
      text: "Le texte se lit comme la menace de diffuser des images intimes. Si quelqu'un vous l'a envoyé, ce n'est pas votre faute : ne payez pas, et signalez-le.",
    },
    check_failed: {
      title: "Un contrôle n'a pas eu lieu",
      text: "L'un de nos contrôles n'a pas pu se faire, une personne va donc le regarder.",
    },
    check_inconclusive: {
      title: "Pas de résultat clair",
      text: "L'un de nos contrôles n'a pas donné de résultat clair, une personne va donc le regarder.",
    },
    too_much_to_check: {
      title: "Trop long pour un contrôle complet",
      text: "Le fichier est trop long pour être entièrement contrôlé automatiquement. Une version plus courte passera peut-être aussitôt.",
    },
    out_of_tries: {
      title: "Les contrôles n'ont pas abouti",
      text: "Nos contrôles n'ont pas abouti, une personne va donc le regarder.",
    },
    looked_at: { title: "Regardé", text: "La modération l'a regardé et l'a autorisé." },
    moderated: {
      title: "Décision de la modération",
      text: "La modération l'a regardé et a décidé qu'il n'est pas publié.",
    },
    person_protected: {
      title: "L'accord n'est pas certain",
      text: "Une personne qui y figure n'a peut-être pas accepté d'être montrée, la modération va donc le regarder.",
    },
    protected_altered: {
      title: "L'accord n'est pas certain",
      text: "Une personne qui y figure n'a peut-être pas accepté d'être montrée, et d'après nos contrôles un programme a fait ou modifié le fichier, ou il montre de la nudité.",
    },
    protected_refused: {
      title: "Quelqu'un n'est pas d'accord",
      text: "Une personne qui y figure n'accepte pas d'être montrée. Si vous seul y figurez, faites un recours : une personne le regardera.",
    },
    consent_refused: {
      title: "Quelqu'un n'est pas d'accord",
      text: "Une personne qui y figure n'accepte pas d'être montrée.",
    },
    consent_expired: {
      title: "Tout le monde n'a pas accepté",
      text: "Les personnes qui y figurent n'ont pas toutes accepté en sept jours. Vous pouvez l'envoyer de nouveau et redemander.",
    },
    consent_withdrawn: {
      title: "Accord retiré",
      text: "Une personne qui y figure n'accepte plus d'être montrée.",
    },
    reported: {
      title: "Il a été signalé",
      text: "La personne montrée l'a signalé, ou quelqu'un qui agit pour elle.",
    },
    origin_watched: {
      title: "Un regard plus attentif pendant quelques jours",
      text: "Pendant quelques jours, les fichiers venant du réseau d'où il vient sont regardés avant publication. Cela ne dit rien de vous.",
    },
  },
  violations: {
    deepfake_face: {
      title: "Hypertrucage d'un visage",
      text: "Un visage créé ou modifié pour montrer une personne réelle.",
    },
    face_swap: { title: "Visage échangé", text: "Le visage d'une personne posé sur une autre." },
    ai_nude: { title: "Nudité générée", text: "Nudité faite ou complétée par un programme." },
    synthetic_pornography: {
      title: "Contenu sexuel généré",
      text: "Contenu sexuel avec le visage d'une personne réelle.",
    },
    voice_clone: {
      title: "Voix clonée",
      text: "La voix d'une personne réelle faite par un programme.",
    },
    identity_morphing: { title: "Identité mélangée", text: "Un visage mêlant deux personnes." },
    evidence_fabrication: {
      title: "Preuves falsifiées",
      text: "Un document, une conversation ou une capture falsifiés.",
    },
    fake_confession_audio: {
      title: "Aveu inventé",
      text: "Des paroles inventées avec un aveu ou une menace.",
    },
    synthetic_humiliation: {
      title: "Humiliation",
      text: "Un contenu fait pour rabaisser une personne réelle.",
    },
    known_abusive_media: { title: "Contenu abusif connu", text: "Un contenu connu comme abusif." },
  },
  refusals: {
    empty: "Le fichier est vide. Veuillez en choisir un autre.",
    unsupported_type:
      "Nous n'ouvrons pas ce type de fichier. Veuillez choisir une image, une vidéo ou un enregistrement.",
    damaged:
      "Le fichier est abîmé et ne peut pas être montré en entier. Veuillez en choisir un autre.",
    too_large: "Le fichier est trop volumineux. Une version plus petite conviendra peut-être.",
    too_many_pixels:
      "Une fois ouverte, l'image est trop grande. Une version plus petite conviendra peut-être.",
    gone: "Le fichier n'était plus là quand nous avons voulu le contrôler. Veuillez l'envoyer de nouveau.",
    other: "Nous ne pouvons pas accepter ce fichier. Veuillez en choisir un autre.",
  },
  claims: {
    posted_publicly:
      "Qui se montre à un endroit décide pour cet endroit. Cela n'autorise pas d'autres à le montrer ailleurs.",
    relationship:
      "Être proche de quelqu'un, maintenant ou autrefois, n'est pas son accord pour publier une image.",
    paid_for:
      "Payer une image ou un abonnement permet de la regarder. Sa publication ici reste l'affaire des personnes qui y figurent.",
    sent_to_me:
      "Qui vous envoie une image de soi la partage avec vous. La montrer à d'autres est une autre question, et cette personne seule peut y répondre.",
    ownership:
      "Avoir pris une image, ou en détenir les droits, ne remplace pas l'accord des personnes montrées. Si vous y figurez sans autre personne, dites-le plutôt ici.",
    assumed:
      "Vous avez peut-être raison de penser que ces personnes accepteraient. Nous ne pouvons le savoir que si elles le disent elles-mêmes.",
    other:
      "La raison de partager une image ne change rien : ce sont les personnes qui y figurent qui décident si elle est montrée.",
    none: "Seules les personnes qui y figurent peuvent accepter ; un message ne peut pas le faire pour elles.",
  },
  claimNext:
    "Vous pouvez demander à chaque personne qui y figure, dans l'application ou par un lien. Dès que toutes ont accepté, votre envoi continue.",
  sanctions: {
    NONE: "Pour votre compte, rien n'en découle.",
    WARNING: "Votre compte reçoit un avertissement.",
    FRAUD_FLAG: "Il est noté pour votre compte qu'il a envoyé un contenu falsifié.",
    PERMANENT_BAN: "Votre compte est fermé définitivement.",
    PERMANENT_BAN_LEGAL:
      "Votre compte est fermé définitivement, et le cas peut être signalé à une autorité.",
  },
  steps: {
    open: "Ouverture du fichier",
    fingerprint: "Prise d'empreinte",
    match: "Comparaison avec des contenus signalés",
    examine: "Recherche de traces de manipulation",
    decide: "Examen des résultats",
    file: "Mise en place",
  },
  surfaces: {
    feed: "Dans le fil",
    avatar: "Comme photo de profil",
    dm: "Dans un message privé",
  },
  purposes: {
    publish: "Pour être montré dans l'application",
    promote: "Pour faire de la publicité",
  },
  consentRequests: {
    pending: "Pas encore de réponse",
    confirmed: "A accepté",
    refused: "N'est pas d'accord",
    expired: "N'a pas répondu à temps",
    cancelled: "N'est plus nécessaire",
  },
  appealReasons: {
    not_synthetic: {
      title: "C'est réel",
      text: "Aucun programme ne l'a fait ni modifié, ou seulement de façon sans importance.",
    },
    consent_given: {
      title: "Tout le monde a accepté",
      text: "Les personnes qui y figurent ont accepté d'être montrées.",
    },
    mistaken_match: {
      title: "Il y a confusion",
      text: "Il ne fait que ressembler à ce qui a été signalé, ou montre quelqu'un d'autre.",
    },
    art_or_parody: {
      title: "C'est de l'art, une parodie ou une information",
      text: "Cela se reconnaît clairement et ne trompe personne.",
    },
  },
  appeals: {
    pending: {
      title: "Envoyé",
      text: "Nous avons votre recours. Une personne qui n'a pas participé à la décision le regardera.",
    },
    in_review: { title: "En cours d'examen", text: "Une personne regarde votre recours." },
    rejected: { title: "N'a pas pu être traité", text: "Votre recours n'a pas pu être traité." },
    upheld: {
      title: "La décision est maintenue",
      text: "Une personne l'a regardée de nouveau. La décision reste la même.",
    },
    overturned: {
      title: "Vous aviez raison",
      text: "La décision est annulée, avec tout ce qui en découlait.",
    },
  },
  levels: {
    standard: {
      title: "Standard",
      text: "Chaque nouvel envoi est comparé avant que quiconque le voie.",
    },
    enhanced: {
      title: "Étendu",
      text: "Revoit aussi ce qui a été publié auparavant, et appelle aussitôt la modération.",
    },
    maximum: {
      title: "Maximal",
      text: "Réunit aussi des preuves, et peut tenir un contact juridique à disposition.",
    },
  },
  shields: {
    pending: {
      title: "Pas encore actif",
      text: "Ajoutez une image de votre visage pour l'activer.",
    },
    active: {
      title: "Actif",
      text: "Chaque nouvel envoi est comparé avant que quiconque le voie.",
    },
    paused: { title: "En pause", text: "Il ne protège rien tant que vous ne le réactivez pas." },
    disputed: {
      title: "En cours d'examen",
      text: "La modération l'examine. D'ici là, il ne fait que retenir les envois.",
    },
    deleted: {
      title: "Supprimé",
      text: "La clé est détruite. Le reste disparaît dans les 30 jours.",
    },
  },
  hashRefusals: {
    malformed: "L'empreinte n'est pas complète.",
    low_quality: "On y voit trop peu de chose. Une image plus nette conviendra peut-être.",
    flat: "Elle est presque d'une seule couleur : trop d'autres images lui ressembleraient.",
    other: "Elle n'a pas pu être utilisée.",
  },
  shieldOutcomes: {
    noted: "Merci. La modération voit votre réponse.",
    blocked: "Merci. L'envoi est bloqué.",
    released:
      "Merci. L'envoi est contrôlé encore une fois, et publié si rien d'autre ne s'y oppose.",
  },
  reportKinds: {
    ncii: {
      title: "Images intimes sans accord",
      text: "Images ou vidéos nues ou sexuelles de quelqu'un qui n'a pas accepté.",
    },
    deepfake: {
      title: "Image, vidéo ou voix truquée",
      text: "Le visage, le corps ou la voix de quelqu'un a été modifié ou fait par un programme.",
    },
    impersonation: {
      title: "Quelqu'un se fait passer pour moi ou pour une autre personne",
      text: "Avec son visage, son nom ou sa voix.",
    },
    extortion: {
      title: "Quelqu'un menace ou fait chanter",
      text: "Ne payez pas. Ce n'est pas votre faute. Ces signalements passent en premier.",
    },
    other: { title: "Autre chose", text: "Dites-nous plus bas ce que c'est." },
  },
  reports: {
    submitted: { title: "Envoyé", text: "Nous l'avons. Une personne va le regarder." },
    in_progress: { title: "En cours", text: "Nous travaillons au retrait." },
    resolved: { title: "Terminé", text: "Tout ce que vous avez indiqué est retiré." },
    unresolved: { title: "Tout n'est pas retiré", text: "Vous voyez plus bas ce qui reste." },
    rejected: { title: "Non accepté", text: "Une personne l'a regardé et ne l'a pas accepté." },
    withdrawn: { title: "Retiré", text: "Vous avez retiré ce signalement." },
  },
  capacities: {
    depicted: "Je suis la personne montrée",
    representative: "J'agis pour la personne montrée",
  },
  takedowns: {
    prepared: {
      title: "Préparée",
      text: "La lettre est prête et part dès que quelqu'un l'a regardée.",
    },
    requested: { title: "Demandée", text: "La plateforme a reçu la demande et a 48 heures." },
    acknowledged: { title: "Reçue", text: "La plateforme a répondu qu'elle s'en occupe." },
    removed: { title: "Retiré", text: "Ce n'est plus visible à cet endroit." },
    refused: { title: "Non retiré", text: "La plateforme a refusé, ou le contenu a été remis." },
    expired: {
      title: "Délai passé",
      text: "La plateforme ne l'a pas retiré en 48 heures. Nous nous en occupons.",
    },
    withdrawn: { title: "Annulée", text: "Rien de plus n'est demandé." },
  },
  notifications: {
    shield_media_held: {
      title: "Nous vérifions un envoi pour vous",
      text: "Il pourrait vous montrer. Il est retenu pendant que la modération le regarde.",
    },
    shield_media_blocked: {
      title: "Nous avons arrêté un envoi",
      text: "Il pourrait vous montrer. Il n'est pas publié, et vous n'avez rien à faire.",
    },
    shield_rescan_found: {
      title: "Nous avons trouvé un contenu plus ancien",
      text: "Il pourrait vous montrer. Il n'est plus affiché.",
    },
    shield_disputed: {
      title: "Votre bouclier est à l'examen",
      text: "La modération l'examine ; d'ici là, il n'agit qu'en partie.",
    },
    consent_requested: {
      title: "Quelqu'un demande votre accord",
      text: "C'est vous qui décidez. Rien n'est publié avant votre réponse.",
    },
    consent_confirmed: { title: "Votre demande a reçu une réponse", text: "La réponse est oui." },
    consent_refused: {
      title: "Votre demande a reçu une réponse",
      text: "La réponse est non, donc rien n'est publié.",
    },
    consent_expired: {
      title: "Une demande a expiré",
      text: "Elle n'a pas reçu de réponse à temps, donc rien n'est publié.",
    },
    consent_withdrawn: {
      title: "Un accord a été retiré",
      text: "Ce qui reposait sur lui n'est plus affiché.",
    },
    upload_held: {
      title: "Votre envoi est à l'examen",
      text: "D'ici là, il n'est pas publié. Vous n'avez rien à faire.",
    },
    upload_blocked: {
      title: "Votre envoi n'est pas publié",
      text: "Vous pouvez lire ici pourquoi, et ce que vous pouvez faire.",
    },
    upload_released: {
      title: "Votre envoi a été autorisé",
      text: "La modération l’a autorisé. Il est vérifié encore une fois et publié si rien d’autre ne s’y oppose.",
    },
    upload_unpublished: {
      title: "Un de vos envois n'est plus affiché",
      text: "Vous pouvez lire ici pourquoi, et ce que vous pouvez faire.",
    },
    appeal_received: {
      title: "Nous avons reçu votre recours",
      text: "Une personne qui n'a pas participé à la décision le regardera.",
    },
    appeal_decided: {
      title: "Votre recours est tranché",
      text: "Vous pouvez lire ici la décision et ses raisons.",
    },
    restriction_set: {
      title: "Un changement sur votre compte",
      text: "Certaines fonctions sont fermées. Vous pouvez lire ici lesquelles et pourquoi.",
    },
    restriction_lifted: {
      title: "Un changement sur votre compte",
      text: "Des fonctions qui étaient fermées sont de nouveau ouvertes.",
    },
    report_received: {
      title: "Nous avons reçu votre signalement",
      text: "Merci. Nous allons le regarder et vous dirons la suite.",
    },
    report_changed: { title: "Du nouveau sur votre signalement", text: "Voyez où il en est." },
    takedown_changed: { title: "Du nouveau sur un retrait", text: "Voyez où il en est." },
  },
};
