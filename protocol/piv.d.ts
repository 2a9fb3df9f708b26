/** Application identifier with its version, 00001000 0100 (Part 1 §2.2). SELECT takes it cut short from the right, too. */
export declare const PIV_AID = "a000000308000010000100";
/** The shortest prefix of the AID that selects: the registered identifier. */
export declare const PIV_RID_BYTES = 5;
export declare const INS_VERIFY = 32;
export declare const INS_CHANGE_REFERENCE_DATA = 36;
export declare const INS_RESET_RETRY_COUNTER = 44;
export declare const INS_GENERATE_KEY_PAIR = 71;
export declare const INS_GENERAL_AUTHENTICATE = 135;
export declare const INS_SELECT = 164;
export declare const INS_GET_DATA = 203;
export declare const INS_PUT_DATA = 219;
export declare const INS_GET_METADATA = 247;
export declare const INS_GET_SERIAL = 248;
export declare const INS_GET_VERSION = 253;
export declare const INS_SET_MANAGEMENT_KEY = 255;
export declare const KEY_REF_PIV_PIN = 128;
export declare const KEY_REF_PUK = 129;
export declare const SLOT_AUTHENTICATION = 154;
export declare const SLOT_MANAGEMENT = 155;
export declare const SLOT_SIGNATURE = 156;
export declare const SLOT_KEY_MANAGEMENT = 157;
export declare const SLOT_CARD_AUTHENTICATION = 158;
export declare const ALG_AES_128 = 8;
export declare const ALG_AES_192 = 10;
export declare const ALG_AES_256 = 12;
export declare const ALG_P256 = 17;
export declare const OBJECT_CARD_AUTH_CERTIFICATE = 6275329;
export declare const OBJECT_CHUID = 6275330;
export declare const OBJECT_AUTH_CERTIFICATE = 6275333;
export declare const OBJECT_CCC = 6275335;
export declare const OBJECT_SIGNATURE_CERTIFICATE = 6275338;
export declare const OBJECT_KEY_MANAGEMENT_CERTIFICATE = 6275339;
export declare const OBJECT_DISCOVERY = 126;
/** All data objects that PUT DATA takes lie in 5FC1xx. */
export declare const OBJECT_PREFIX = 24513;
/** The slots with a key of the holder's, and the object that holds each one's certificate. */
export declare const KEY_SLOTS: readonly {
    readonly slot: number;
    readonly certificate: number;
}[];
export declare const TAG_DATA_OBJECT_ID = 92;
export declare const TAG_DATA = 83;
/** A certificate inside its data object, with its two companions (Part 1 appendix A). */
export declare const TAG_CERTIFICATE = 112;
export declare const TAG_CERT_INFO = 113;
export declare const TAG_ERROR_DETECTION = 254;
/** GENERAL AUTHENTICATE, Part 2 table 7. */
export declare const TAG_DYNAMIC_AUTH = 124;
export declare const TAG_WITNESS = 128;
export declare const TAG_CHALLENGE = 129;
export declare const TAG_RESPONSE = 130;
/** GENERATE ASYMMETRIC KEY PAIR, Part 2 table 11 and 13. */
export declare const TAG_KEY_TEMPLATE = 172;
export declare const TAG_ALGORITHM = 128;
export declare const TAG_PUBLIC_KEY = 32585;
export declare const TAG_EC_POINT = 134;
/** Policies in the key template, YubiKey PIV extension. */
export declare const TAG_PIN_POLICY = 170;
export declare const TAG_BUTTON_POLICY = 171;
/** GET METADATA, YubiKey PIV extension. */
export declare const META_ALGORITHM = 1;
export declare const META_POLICY = 2;
export declare const META_ORIGIN = 3;
export declare const META_PUBLIC_KEY = 4;
export declare const META_IS_DEFAULT = 5;
export declare const META_TRIES = 6;
export declare const ORIGIN_GENERATED = 1;
export declare const PIN_POLICY_DEFAULT = 0;
export declare const PIN_POLICY_NEVER = 1;
export declare const PIN_POLICY_ONCE = 2;
export declare const PIN_POLICY_ALWAYS = 3;
export declare const BUTTON_POLICY_DEFAULT = 0;
export declare const BUTTON_POLICY_NEVER = 1;
export declare const BUTTON_POLICY_ALWAYS = 2;
export declare const BUTTON_POLICY_CACHED = 3;
/** PIN and PUK on the wire: 8 bytes, the PIN filled up with FF (Part 2 §2.4.3). */
export declare const REFERENCE_DATA_BYTES = 8;
export declare const PIN_MIN_DIGITS = 6;
export declare const PIN_FILLER = 255;
/** What a token is set to when it leaves the factory; each must be changed before a key can be made. */
export declare const FACTORY_PIN = "123456";
export declare const FACTORY_PUK = "12345678";
export declare const FACTORY_MANAGEMENT_KEY = "010203040506070801020304050607080102030405060708";
export declare const P256_DIGEST_BYTES = 32;
/** An uncompressed point: 04 ‖ X ‖ Y (SEC 1 §2.3.3). */
export declare const P256_POINT_BYTES = 65;
/** Every signature of this token: SEQUENCE of two INTEGERs of 32 bytes each (see firmware/p256-signature.ts). */
export declare const P256_SIGNATURE_DER_BYTES = 70;
