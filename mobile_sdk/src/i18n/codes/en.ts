import type { Codes } from "./types.js";

export const en: Codes = {
  reasons: {
    clean: { title: "Nothing found", text: "Our checks found nothing against the rules." },
    ai_generated: {
      title: "Made with AI",
      text: "The file says that it was made with an AI generator. It is shown with that label.",
    },
    bank_match_confirmed: {
      title: "Known from a report",
      text: "It matches media that was reported as abusive and confirmed by a person.",
    },
    bank_match_unconfirmed: {
      title: "Like something reported",
      text: "It looks like media that somebody has reported. A person has to compare them.",
    },
    nudity_adult: { title: "Nudity", text: "It shows nudity." },
    nudity_teen: {
      title: "Nudity",
      text: "It shows nudity, which cannot be shared from an account of a person under 18 or of unknown age.",
    },
    ai_nudity: {
      title: "Nudity made with AI",
      text: "It shows nudity, and the file says that an AI generator made it.",
    },
    ai_generated_person: {
      title: "A person made or changed with AI",
      text: "The file says that an AI generator made or changed it, and there is a person in it.",
    },
    face_altered: {
      title: "A face looks changed",
      text: "It looks as if a program changed a face in it.",
    },
    face_swapped: {
      title: "A face looks replaced",
      text: "It looks as if one of the faces was put in from another picture.",
    },
    face_generated: {
      title: "A person looks generated",
      text: "It looks as if a program made the person in it.",
    },
    sexual_ai_nudity: {
      title: "Nudity that looks generated",
      text: "It looks like nudity that a program made or completed.",
    },
    sexual_deepfake: {
      title: "Sexual material with a changed face",
      text: "It looks like sexual material in which somebody’s face was changed or put in.",
    },
    voice_synthetic: {
      title: "A voice sounds generated",
      text: "The voice sounds as if a program made it.",
    },
    confession_audio: {
      title: "A generated voice that confesses or threatens",
      text: "The voice sounds as if a program made it, and its words confess to something or threaten somebody.",
    },
    identity_morphed: {
      title: "A face looks blended",
      text: "The face looks like a mixture of two people.",
    },
    document_edited: {
      title: "A document looks edited",
      text: "A part of this document or screenshot looks as if it was changed after the rest was made.",
    },
    humiliation: {
      title: "A changed face with an attack",
      text: "It looks as if a face in it was changed, and its text attacks or threatens somebody.",
    },
    file_contradicts_itself: {
      title: "The file contradicts itself",
      text: "What the file says about its origin does not fit together.",
    },
    credentials_invalid: {
      title: "Credentials do not fit",
      text: "The file carries content credentials that do not fit it: one of them was changed later.",
    },
    text_hate: {
      title: "Text that attacks people",
      text: "The text in it has words that attack people for who they are.",
    },
    text_threat: { title: "Text that threatens", text: "The text in it reads like a threat." },
    text_sextortion: {
      title: "A threat to share pictures",
      text: "The text in it reads like a threat to share intimate pictures. If somebody sent it to you, you are not to blame: do not pay, and report it.",
    },
    check_failed: {
      title: "A check did not run",
      text: "One of our checks could not run, so a person will look at it.",
    },
    check_inconclusive: {
      title: "No clear result",
      text: "One of our checks came to no clear result, so a person will look at it.",
    },
    too_much_to_check: {
      title: "Too long to check in full",
      text: "The file is too long to be checked in full automatically. A shorter version may go through at once.",
    },
    out_of_tries: {
      title: "The checks did not finish",
      text: "Our checks did not finish, so a person will look at it.",
    },
    looked_at: { title: "Looked at", text: "A moderator looked at it and let it through." },
    moderated: {
      title: "A moderator’s decision",
      text: "A moderator looked at it and decided that it is not published.",
    },
    person_protected: {
      title: "Consent is not certain",
      text: "A person in it may not have agreed to be shown, so a moderator will look at it.",
    },
    protected_altered: {
      title: "Consent is not certain",
      text: "A person in it may not have agreed to be shown, and our checks found that it was made or changed by a program, or shows nudity.",
    },
    protected_refused: {
      title: "Somebody does not agree",
      text: "A person in it does not agree to be shown. If nobody but you is in it, appeal: a person will look at it.",
    },
    consent_refused: {
      title: "Somebody does not agree",
      text: "A person in it does not agree to be shown.",
    },
    consent_expired: {
      title: "Not everybody has agreed",
      text: "Not everybody in it has agreed within seven days. You may upload it again and ask again.",
    },
    consent_withdrawn: {
      title: "Consent was withdrawn",
      text: "A person in it does not agree to be shown any more.",
    },
    reported: {
      title: "It was reported",
      text: "It was reported by the person shown, or by somebody who acts for them.",
    },
    origin_watched: {
      title: "A closer look for some days",
      text: "For some days a moderator looks at uploads from the network that this one came from. It is no word on you.",
    },
  },
  violations: {
    deepfake_face: {
      title: "Deepfake of a face",
      text: "A face generated or changed to show a real person.",
    },
    face_swap: { title: "Swapped face", text: "One person’s face put on another." },
    ai_nude: { title: "Generated nudity", text: "Nudity made or completed by a program." },
    synthetic_pornography: {
      title: "Generated sexual material",
      text: "Sexual material with a real person’s face.",
    },
    voice_clone: { title: "Cloned voice", text: "A real person’s voice made by a program." },
    identity_morphing: { title: "Blended identity", text: "A face blended from two people." },
    evidence_fabrication: {
      title: "Forged evidence",
      text: "A forged document, chat or screenshot.",
    },
    fake_confession_audio: {
      title: "Made-up confession",
      text: "Made-up speech with a confession or a threat.",
    },
    synthetic_humiliation: {
      title: "Humiliation",
      text: "Media made to degrade a real person.",
    },
    known_abusive_media: {
      title: "Known abusive media",
      text: "Media that is known to be abusive.",
    },
  },
  refusals: {
    empty: "The file is empty. Please choose another one.",
    unsupported_type:
      "We do not open this kind of file. Please choose a picture, a video or a recording.",
    damaged: "The file is damaged, so that it cannot be shown in full. Please choose another one.",
    too_large: "The file is too large. A smaller version may work.",
    too_many_pixels: "The picture is too large when it is opened. A smaller version may work.",
    gone: "The file was not there any more when we wanted to check it. Please upload it again.",
    other: "We cannot take this file. Please choose another one.",
  },
  claims: {
    posted_publicly:
      "Somebody who shows a picture of themselves in one place decides about that place. It does not allow others to show it elsewhere.",
    relationship:
      "Being close to somebody, now or in the past, is not their consent to publishing a picture of them.",
    paid_for:
      "Paying for a picture or a subscription lets you look at it. Whether it may be published here is still up to the people in it.",
    sent_to_me:
      "Somebody who sends you a picture of themselves shares it with you. Showing it to others is another question, and only they can answer it.",
    ownership:
      "Having taken a picture, or holding the rights to it, does not replace the consent of those who are shown. If you are the only person in it, say so here instead.",
    assumed:
      "You may well be right that they would agree. We cannot know it before they have said so themselves.",
    other:
      "Why a picture is shared does not change that the people in it decide whether it is shown.",
    none: "Only the people in it can agree, so a message cannot do it for them.",
  },
  claimNext:
    "You can ask each person in it, in the app or with a link. As soon as all have agreed, your upload goes on.",
  sanctions: {
    NONE: "For your account nothing follows from it.",
    WARNING: "Your account gets a warning.",
    FRAUD_FLAG: "Your account gets a note that it uploaded something forged.",
    PERMANENT_BAN: "Your account is closed for good.",
    PERMANENT_BAN_LEGAL:
      "Your account is closed for good, and the case can be reported to an authority.",
  },
  steps: {
    open: "Opening the file",
    fingerprint: "Making a fingerprint",
    match: "Comparing with reported media",
    examine: "Looking for traces of manipulation",
    decide: "Weighing the results",
    file: "Putting it in its place",
  },
  surfaces: { feed: "In the feed", avatar: "As a profile picture", dm: "In a private message" },
  purposes: { publish: "To be shown in the app", promote: "To advertise something" },
  consentRequests: {
    pending: "No answer yet",
    confirmed: "Has agreed",
    refused: "Does not agree",
    expired: "Did not answer in time",
    cancelled: "Not needed any more",
  },
  appealReasons: {
    not_synthetic: {
      title: "It is real",
      text: "No program made or changed it, or only in ways that do not matter.",
    },
    consent_given: { title: "Everybody agreed", text: "The people in it have agreed to be shown." },
    mistaken_match: {
      title: "It was mistaken for something else",
      text: "It only resembles what was reported, or shows somebody else.",
    },
    art_or_parody: {
      title: "It is art, parody or news",
      text: "It is clearly recognisable as that, and deceives nobody.",
    },
  },
  appeals: {
    pending: {
      title: "Sent",
      text: "We have your appeal. A person who had no part in the decision will look at it.",
    },
    in_review: { title: "Being looked at", text: "A person is looking at your appeal." },
    rejected: { title: "Could not be heard", text: "Your appeal could not be heard." },
    upheld: {
      title: "The decision stands",
      text: "A person has looked at it again. The decision stays as it is.",
    },
    overturned: {
      title: "You were right",
      text: "The decision was undone, with everything that followed from it.",
    },
  },
  levels: {
    standard: { title: "Standard", text: "Every new upload is compared before anybody sees it." },
    enhanced: {
      title: "Enhanced",
      text: "Also looks through what was published before, and moderators are called at once.",
    },
    maximum: {
      title: "Maximum",
      text: "Also puts evidence together, and can have a legal contact at hand.",
    },
  },
  shields: {
    pending: { title: "Not active yet", text: "Add a picture of your face to switch it on." },
    active: { title: "Active", text: "Every new upload is compared before anybody sees it." },
    paused: { title: "Paused", text: "It protects nothing until you switch it on again." },
    disputed: {
      title: "Being looked at",
      text: "A moderator is checking it. Until then it only holds uploads back.",
    },
    deleted: { title: "Deleted", text: "The key is destroyed. What is left goes within 30 days." },
  },
  hashRefusals: {
    malformed: "The fingerprint is not complete.",
    low_quality: "There is too little to see in it. A sharper picture may work.",
    flat: "It is nearly of one colour, so too many other pictures would be like it.",
    other: "It could not be used.",
  },
  shieldOutcomes: {
    noted: "Thank you. A moderator sees your answer.",
    blocked: "Thank you. It is blocked.",
    released:
      "Thank you. It is checked once more, and published if nothing else speaks against it.",
  },
  reportKinds: {
    ncii: {
      title: "Intimate pictures without consent",
      text: "Nude or sexual pictures or videos of somebody who did not agree.",
    },
    deepfake: {
      title: "Fake picture, video or voice",
      text: "Somebody’s face, body or voice was changed or made by a program.",
    },
    impersonation: {
      title: "Somebody pretends to be me or another person",
      text: "With their face, name or voice.",
    },
    extortion: {
      title: "Somebody threatens or blackmails",
      text: "Do not pay. You are not to blame. Such reports come first.",
    },
    other: { title: "Something else", text: "Tell us below what it is." },
  },
  reports: {
    submitted: { title: "Sent", text: "We have it. A person will look at it." },
    in_progress: { title: "In progress", text: "We are working on its removal." },
    resolved: { title: "Done", text: "Everything that you named is removed." },
    unresolved: { title: "Not everything is removed", text: "Below you see what is left." },
    rejected: { title: "Not accepted", text: "A person looked at it and did not accept it." },
    withdrawn: { title: "Withdrawn", text: "You have withdrawn it." },
  },
  capacities: {
    depicted: "I am the person shown",
    representative: "I act for the person shown",
  },
  takedowns: {
    prepared: { title: "Prepared", text: "The letter is ready and goes out after a look at it." },
    requested: { title: "Requested", text: "The platform has been asked and has 48 hours." },
    acknowledged: { title: "Acknowledged", text: "The platform has answered that it is on it." },
    removed: { title: "Removed", text: "It is gone from there." },
    refused: { title: "Not removed", text: "The platform has said no, or it was put back." },
    expired: {
      title: "Time is over",
      text: "The platform has not removed it in 48 hours. We are looking into it.",
    },
    withdrawn: { title: "Withdrawn", text: "Nothing more is asked for." },
  },
  notifications: {
    shield_media_held: {
      title: "We are checking an upload for you",
      text: "It may show you. It is held back while a moderator looks at it.",
    },
    shield_media_blocked: {
      title: "We stopped an upload",
      text: "It may show you. It is not published, and you need not do anything.",
    },
    shield_rescan_found: {
      title: "We found something published earlier",
      text: "It may show you. It is not shown any more.",
    },
    shield_disputed: {
      title: "Your shield needs a look",
      text: "A moderator is checking it, and until then it works only in part.",
    },
    consent_requested: {
      title: "Somebody asks for your consent",
      text: "You decide. Nothing is published before you answer.",
    },
    consent_confirmed: { title: "Your request was answered", text: "The answer is yes." },
    consent_refused: {
      title: "Your request was answered",
      text: "The answer is no, so nothing is published.",
    },
    consent_expired: {
      title: "A request has run out",
      text: "It was not answered in time, so nothing is published.",
    },
    consent_withdrawn: {
      title: "A consent was withdrawn",
      text: "What rested on it is no longer shown.",
    },
    upload_held: {
      title: "Your upload is being looked at",
      text: "It is not published until then. You need not do anything.",
    },
    upload_blocked: {
      title: "Your upload is not published",
      text: "Here you can read why, and what you can do.",
    },
    upload_released: {
      title: "Your upload was let through",
      text: "A moderator has let it through. It is checked once more, and published if nothing else speaks against it.",
    },
    upload_unpublished: {
      title: "One of your uploads is no longer shown",
      text: "Here you can read why, and what you can do.",
    },
    appeal_received: {
      title: "We have your appeal",
      text: "A person who had no part in the decision will look at it.",
    },
    appeal_decided: {
      title: "Your appeal is decided",
      text: "Here you can read the decision and the reasons for it.",
    },
    restriction_set: {
      title: "A change to your account",
      text: "Some functions are closed. Here you can read which ones, and why.",
    },
    restriction_lifted: {
      title: "A change to your account",
      text: "Functions that were closed are open again.",
    },
    report_received: {
      title: "We have your report",
      text: "Thank you. We will look at it and tell you what happens.",
    },
    report_changed: { title: "News about your report", text: "See where it stands." },
    takedown_changed: { title: "News about a removal", text: "See where it stands." },
  },
};
