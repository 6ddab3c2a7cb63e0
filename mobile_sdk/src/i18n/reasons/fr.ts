import type { Reasons } from "./types.js";

export const fr: Reasons = {
  reference_size: "Ce fichier est trop volumineux. La limite est de 8 Mo.",
  evidence_type: "Seuls des images, des PDF et des fichiers texte peuvent être ajoutés.",
  evidence_size: "Un fichier est trop volumineux. Chacun peut faire jusqu’à 10 Mo.",
  evidence_missing: "Un fichier n’est pas arrivé. Veuillez l’ajouter à nouveau.",
  unsupported_type:
    "Les fichiers de ce type ne peuvent pas être utilisés. Veuillez en choisir un autre.",
  too_large: "Ce fichier est trop volumineux. Veuillez en choisir un plus petit.",
  too_long: "C’est trop long. Veuillez choisir quelque chose de plus court.",
  unreadable:
    "Ce navigateur ne laisse pas les applications lire les images exactement. " +
    "Un réglage de confidentialité ou une extension peut en être la cause.",
  busy: "Autre chose a été ajouté au même moment. Veuillez réessayer.",
  disputed:
    "Votre bouclier est examiné par la modération. D’ici là, cette action n’est pas possible.",
  somebody_asked:
    "Quelqu’un a été interrogé au sujet de cette image. Attendez sa réponse ou parlez-lui.",
  by_link: "Cette réponse ne peut pas être annulée par le lien. Veuillez nous écrire.",
  paused: "Votre bouclier est en pause. Réactivez-le d’abord.",
  full: "Votre bouclier est plein. Retirez un élément avant d’en ajouter.",
  disputes_lost:
    "Rien ne peut plus être ajouté à votre bouclier. Écrivez-nous si c’est une erreur.",
  looks_made:
    "Il semble qu’un programme l’ait créé ou modifié. Faites une prise directement avec votre téléphone, " +
    "sans filtre.",
  not_usable: "Ce fichier ne peut pas être utilisé. Veuillez en choisir un autre.",
  not_a_photograph: "Veuillez choisir une seule photo.",
  not_one_face: "Un seul visage doit y figurer. Choisissez une image où il n’y a que vous.",
  turned_away: "Regardez l’appareil bien en face, de plus près.",
  not_good_enough:
    "Le visage est trop petit ou pas assez net. Prenez la photo de plus près, avec un bon éclairage.",
  too_little_speech: "On y parle trop peu. Veuillez parler plus longtemps.",
  clipped: "Le son est trop fort et des parties sont coupées. Veuillez enregistrer à nouveau.",
  several_voices: "Plusieurs personnes y parlent. N’enregistrez que votre voix.",
  another_person:
    "Cela ne ressemble pas à la personne de vos autres références. Un bouclier protège une personne.",
  deleted: "Ce bouclier est supprimé. Vous pouvez en créer un nouveau.",
  too_many_shields: "Vous ne pouvez pas avoir plus de boucliers.",
  answered: "Une réponse a déjà été donnée, ou le délai est passé. Veuillez regarder à nouveau.",
  gone: "Le fichier n’est plus là. Veuillez l’envoyer à nouveau.",
  not_own_face: "Personne n’y ressemble à votre selfie. Demandez plutôt à la personne montrée.",
  yourself: "C’est vous qui y figurez ? Confirmez alors qu’il n’y a que vous.",
  enough_asked:
    "Toutes les personnes montrées ont accepté ou ont reçu la demande. Veuillez attendre leurs réponses.",
  nothing_to_ask: "Il n’y a plus personne à interroger pour cet envoi.",
  not_judged: "Nos vérifications ne sont pas terminées. Demandez quand elles le seront.",
  not_answered: "Cette personne n’a pas répondu à temps.",
  asked_too_many: "La limite de demandes par jour est atteinte. Continuez demain.",
  decided: "C’est déjà décidé ou clos.",
  appeal_exists: "Vous avez déjà contesté cette décision.",
  appeal_too_late: "Le délai pour contester est passé.",
  appeals_closed: "Vous ne pouvez pas contester pour le moment.",
  not_appealable: "L’application ne prévoit pas de recours contre cette décision.",
  too_many_open:
    "Nous travaillons encore sur vos autres signalements. Nous vous tiendrons au courant.",
  no_copies_of_minors:
    "Si une personne de moins de 18 ans est montrée, n’ajoutez pas de fichiers. " +
    "Il nous suffit de savoir où cela se trouve.",
  requester_unknown:
    "Une autre plateforme doit savoir qui demande. Veuillez indiquer un nom et une adresse e-mail.",
  not_our_address: "Cette adresse n’est pas dans notre application. Veuillez la vérifier.",
  several_accounts:
    "Ces publications viennent de comptes différents. Veuillez signaler chaque compte séparément.",
  no_such_upload: "Cette publication n’existe pas ou n’existe plus.",
  too_old: "L’envoi n’a pas pu se faire à temps. Veuillez recommencer.",
};
