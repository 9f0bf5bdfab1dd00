package chat.magpie.profile.internal;

/// Words of English by what they are for, as regular expressions.
final class EnglishWords {
  static final String JOB =
      "(?:(?:software|civil|mechanical|electrical|data|web|graphic|product|project|sales|account|marketing|"
          + "primary|secondary|high|school|maths?|english|history|science|music|art|piano|yoga|dance|driving|"
          + "truck|bus|train|taxi|lorry|delivery|freelance|junior|senior|lead|head|chief|staff|night|retired|"
          + "trainee|student|registered|police|fire|bank|game|ux|ui|qa|backend|frontend|full-stack|computer|"
          + "research|social|care|support|library|lab|dental|veterinary|flight|postal|security) ){0,3}"
          + "(?:nurse|doctor|teacher|engineer|developer|programmer|designer|carpenter|plumber|electrician|"
          + "mechanic|lawyer|solicitor|barrister|accountant|architect|artist|illustrator|painter|writer|"
          + "journalist|editor|translator|interpreter|photographer|musician|chef|cook|baker|butcher|barista|"
          + "waiter|waitress|bartender|farmer|gardener|florist|hairdresser|barber|driver|pilot|sailor|soldier|"
          + "firefighter|paramedic|pharmacist|dentist|vet|surgeon|physiotherapist|therapist|psychologist|"
          + "scientist|researcher|professor|lecturer|librarian|student|consultant|analyst|manager|director|"
          + "secretary|receptionist|cashier|clerk|salesman|saleswoman|salesperson|economist|statistician|"
          + "biologist|chemist|physicist|mathematician|geologist|historian|tailor|potter|welder|builder|"
          + "bricklayer|roofer|joiner|luthier|apprentice|intern|midwife|carer|caretaker|cleaner|janitor|"
          + "actor|actress|dancer|singer|composer|producer|administrator|technician|machinist|postman|"
          + "officer|banker|broker|auditor|recruiter|tutor|coach|trainer|instructor|nanny|au pair|homemaker|"
          + "housewife|entrepreneur|freelancer|shopkeeper|grocer|fisherman|beekeeper|tester|sysadmin|postdoc)";

  static final String ILLNESS =
      "(?:(?:type (?:one|two|1|2)|chronic|mild|severe|bad|high|low|terrible|clinical|seasonal) ){0,2}"
          + "(?:asthma|diabetes|migraines?|eczema|psoriasis|arthritis|epilepsy|anaemia|anemia|hypertension|"
          + "hay fever|blood pressure|insomnia|depression|anxiety|adhd|autism|dyslexia|coeliac disease|"
          + "celiac disease|crohn's|ibs|lupus|tinnitus|vertigo|scoliosis|osteoporosis|gout|reflux|gastritis|"
          + "endometriosis|glaucoma|cataracts|sleep apn(?:o)?ea|thyroid (?:problem|disease|trouble)s?|"
          + "heart (?:condition|disease|murmur)|kidney stones)";

  static final String DIET =
      "(?:vegan|vegetarian|pescatarian|flexitarian|teetotal|teetotaller|coeliac|celiac|gluten[- ]free|lactose[- ]free|kosher|halal|keto)";

  static final String DRUG =
      "(?:insulin|metformin|ibuprofen|paracetamol|aspirin|warfarin|antidepressants?|antihistamines?|"
          + "blood thinners?|beta blockers?|statins?|the pill|iron tablets|\\p{L}{3,}(?:statin|pril|sartan|"
          + "olol|dipine|prazole|cillin|oxetine|traline|thyroxine|zepam|zolam|gabalin|triptan|lukast|mycin|"
          + "gliptin|glutide|profen))";

  static final String INSTRUMENT_OR_GAME =
      "(?:the )?(?:(?:electric|bass|acoustic|classical|double|table|ice|field|beach|video|board|card|old) ){0,2}"
          + "(?:guitar|bass|piano|violin|viola|cello|flute|clarinet|drums|banjo|ukulele|trumpet|saxophone|sax|"
          + "trombone|harp|accordion|organ|recorder|harmonica|oboe|mandolin|keyboard|chess|go|bridge|poker|"
          + "football|soccer|tennis|badminton|squash|golf|hockey|cricket|rugby|basketball|volleyball|baseball|"
          + "softball|netball|bowls|darts|snooker|pool|games|padel|pickleball)";

  static final String KIN =
      "(?:little |big |older |younger |elder |twin |late |eldest |youngest |step|half-?|ex-)?"
          + "(?:mum|mom|mother|dad|father|sister|brother|son|daughter|wife|husband|grandma|grandmother|"
          + "grandpa|grandfather|gran|granddad|grandad|granddaughter|grandson|nan|aunt|auntie|uncle|cousin|"
          + "niece|nephew|mother-in-law|father-in-law|sister-in-law|brother-in-law|kid|fianc[ée]e?)";

  static final String OTHERS =
      "(?:best |old |close |new )?(?:friend|partner|boyfriend|girlfriend|housemate|flatmate|roommate|boss|"
          + "colleague|coworker|co-worker|neighbou?r|landlord|landlady|manager|apprentice|teacher|"
          + "classmate|bandmate|mentor|therapist|godmother|godson|goddaughter)";

  static final String ANIMAL =
      "(?:(?:\\p{L}+ ){0,2}(?:dog|cat|puppy|kitten|rabbit|hamster|parrot|budgie|tortoise|turtle|guinea pig|"
          + "horse|pony|goldfish|snake|lizard|gecko|ferret|hen|chicken|whippet|greyhound|labrador|poodle|"
          + "terrier|spaniel|collie|corgi|beagle|retriever|dachshund|husky|tabby|ragdoll|canary|rat|duck|goat)s?)";

  static final String MONTH =
      "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|"
          + "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
  static final String DAY =
      "(?:(?:the )?\\d{1,2}(?:st|nd|rd|th)?(?: of)? "
          + MONTH
          + "|"
          + MONTH
          + " (?:the )?\\d{1,2}(?:st|nd|rd|th)?)";

  private EnglishWords() {}
}
