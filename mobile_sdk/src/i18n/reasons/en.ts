/**
 * The source: every other language has these reasons. The backend's reasons are said in English by
 * the backend itself, so of these only the client's own are read.
 */
export const en = {
  reference_size: "This file is too large. Up to 8 MB are taken.",
  evidence_type: "Only pictures, PDFs and text files can be added.",
  evidence_size: "A file is too large. Each may have up to 10 MB.",
  evidence_missing: "A file did not arrive. Please add it again.",
  unsupported_type: "Files of this kind cannot be used. Please choose another one.",
  too_large: "This file is too large. Please choose a smaller one.",
  too_long: "This is too long. Please choose something shorter.",
  unreadable:
    "This browser does not let apps read pictures exactly. A privacy setting or an extension may be why.",
  busy: "Something else was added at the same moment. Please try again.",
  disputed: "A moderator is looking at your shield. Until then this is not possible.",
  somebody_asked: "Somebody is asked about this picture. Wait for their answer, or let them know.",
  by_link: "This answer cannot be undone by the link. Please write to us.",
  paused: "Your shield is paused. Switch it on again first.",
  full: "Your shield is full. Remove something before you add more.",
  disputes_lost: "Nothing can be added to your shield any more. Write to us if that is wrong.",
  looks_made:
    "It looks as if a program made or changed it. Take one straight from your phone, without filters.",
  not_usable: "This file cannot be used. Please take another one.",
  not_a_photograph: "Please choose a single photograph.",
  not_one_face: "Exactly one face has to be in it. Choose a picture of nobody but you.",
  turned_away: "Look straight into the camera, from nearer.",
  not_good_enough:
    "The face is too small or not sharp enough. Take the picture from nearer, in good light.",
  too_little_speech: "There is too little speech in it. Please speak for longer.",
  clipped: "It is too loud, so that parts are cut off. Please record it again.",
  several_voices: "More than one person speaks in it. Record only yourself.",
  another_person:
    "It does not look like the person of your other references. One shield protects one person.",
  deleted: "This shield is deleted. You can make a new one.",
  too_many_shields: "You cannot have more shields.",
  answered: "This was answered before, or its time is over. Please look again.",
  gone: "The upload is not there any more. Please upload it again.",
  not_own_face: "Nobody in it looks like your selfie. Ask the person in it instead.",
  yourself: "You are in it yourself? Then confirm that it is only you.",
  enough_asked: "Everybody in it has agreed or was asked. Please wait for the answers.",
  nothing_to_ask: "Nobody has to be asked about this upload any more.",
  not_judged: "Our checks are not done yet. Ask when they are.",
  not_answered: "This person did not answer in time.",
  asked_too_many: "You have asked as many people as you can today. Go on tomorrow.",
  decided: "This is decided or closed already.",
  appeal_exists: "You have appealed against this already.",
  appeal_too_late: "The time to appeal is over.",
  appeals_closed: "You cannot appeal at the moment.",
  not_appealable: "The app has no appeal against this decision.",
  too_many_open: "We are still at work on your other reports. You will hear from us.",
  no_copies_of_minors:
    "Where somebody under 18 is shown, please add no files. Where it is tells us enough.",
  requester_unknown:
    "Another platform has to know who asks. Please give a name and an e-mail address.",
  not_our_address: "This address is not in our app. Please check it.",
  several_accounts: "These are posts of different accounts. Please report each account by itself.",
  no_such_upload: "There is no such post, or not any more.",
  too_old: "This could not be sent in time. Please do it again.",
} as const;
