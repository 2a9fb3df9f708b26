// The numbers of PKCS#11 2.40 that the bridge uses (pkcs11t.h).

// Return values
export const CKR_OK = 0x00;
export const CKR_HOST_MEMORY = 0x02;
export const CKR_SLOT_ID_INVALID = 0x03;
export const CKR_GENERAL_ERROR = 0x05;
export const CKR_FUNCTION_FAILED = 0x06;
export const CKR_ARGUMENTS_BAD = 0x07;
export const CKR_NO_EVENT = 0x08;
export const CKR_ATTRIBUTE_READ_ONLY = 0x10;
export const CKR_ATTRIBUTE_SENSITIVE = 0x11;
export const CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
export const CKR_ATTRIBUTE_VALUE_INVALID = 0x13;
export const CKR_ACTION_PROHIBITED = 0x1b;
export const CKR_DATA_LEN_RANGE = 0x21;
export const CKR_DEVICE_ERROR = 0x30;
export const CKR_DEVICE_MEMORY = 0x31;
export const CKR_DEVICE_REMOVED = 0x32;
export const CKR_FUNCTION_CANCELED = 0x50;
export const CKR_FUNCTION_NOT_SUPPORTED = 0x54;
export const CKR_KEY_HANDLE_INVALID = 0x60;
export const CKR_KEY_TYPE_INCONSISTENT = 0x63;
export const CKR_KEY_INDIGESTIBLE = 0x67;
export const CKR_KEY_FUNCTION_NOT_PERMITTED = 0x68;
export const CKR_MECHANISM_INVALID = 0x70;
export const CKR_MECHANISM_PARAM_INVALID = 0x71;
export const CKR_OBJECT_HANDLE_INVALID = 0x82;
export const CKR_OPERATION_ACTIVE = 0x90;
export const CKR_OPERATION_NOT_INITIALIZED = 0x91;
export const CKR_PIN_INCORRECT = 0xa0;
export const CKR_PIN_INVALID = 0xa1;
export const CKR_PIN_LEN_RANGE = 0xa2;
export const CKR_PIN_LOCKED = 0xa4;
export const CKR_SESSION_CLOSED = 0xb0;
export const CKR_SESSION_COUNT = 0xb1;
export const CKR_SESSION_HANDLE_INVALID = 0xb3;
export const CKR_SESSION_PARALLEL_NOT_SUPPORTED = 0xb4;
export const CKR_SESSION_READ_ONLY = 0xb5;
export const CKR_SESSION_READ_ONLY_EXISTS = 0xb7;
export const CKR_SESSION_READ_WRITE_SO_EXISTS = 0xb8;
export const CKR_SESSION_EXISTS = 0xb6;
export const CKR_SIGNATURE_INVALID = 0xc0;
export const CKR_SIGNATURE_LEN_RANGE = 0xc1;
export const CKR_TEMPLATE_INCOMPLETE = 0xd0;
export const CKR_TEMPLATE_INCONSISTENT = 0xd1;
export const CKR_TOKEN_NOT_PRESENT = 0xe0;
export const CKR_TOKEN_WRITE_PROTECTED = 0xe2;
export const CKR_USER_ALREADY_LOGGED_IN = 0x100;
export const CKR_USER_NOT_LOGGED_IN = 0x101;
export const CKR_USER_PIN_NOT_INITIALIZED = 0x102;
export const CKR_USER_TYPE_INVALID = 0x103;
export const CKR_USER_ANOTHER_ALREADY_LOGGED_IN = 0x104;
export const CKR_RANDOM_SEED_NOT_SUPPORTED = 0x120;
export const CKR_RANDOM_NO_RNG = 0x121;
export const CKR_CURVE_NOT_SUPPORTED = 0x140;
export const CKR_BUFFER_TOO_SMALL = 0x150;
export const CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;

// Slot and token flags
export const CKF_TOKEN_PRESENT = 0x1;
export const CKF_REMOVABLE_DEVICE = 0x2;
export const CKF_HW_SLOT = 0x4;
export const CKF_RNG = 0x1;
export const CKF_WRITE_PROTECTED = 0x2;
export const CKF_LOGIN_REQUIRED = 0x4;
export const CKF_USER_PIN_INITIALIZED = 0x8;
export const CKF_PROTECTED_AUTHENTICATION_PATH = 0x100;
export const CKF_TOKEN_INITIALIZED = 0x400;
export const CKF_USER_PIN_COUNT_LOW = 0x10000;
export const CKF_USER_PIN_FINAL_TRY = 0x20000;
export const CKF_USER_PIN_LOCKED = 0x40000;
export const CKF_USER_PIN_TO_BE_CHANGED = 0x80000;
export const CKF_SO_PIN_COUNT_LOW = 0x100000;
export const CKF_SO_PIN_FINAL_TRY = 0x200000;
export const CKF_SO_PIN_LOCKED = 0x400000;
export const CKF_SO_PIN_TO_BE_CHANGED = 0x800000;
/** C_WaitForSlotEvent. */
export const CKF_DONT_BLOCK = 0x1;
/** A value that the token does not tell. */
export const CK_UNAVAILABLE_INFORMATION = 0xffff_ffff_ffff_ffffn;

// Sessions and users
export const CKF_RW_SESSION = 0x2;
export const CKF_SERIAL_SESSION = 0x4;
export const CKS_RO_PUBLIC_SESSION = 0;
export const CKS_RO_USER_FUNCTIONS = 1;
export const CKS_RW_PUBLIC_SESSION = 2;
export const CKS_RW_USER_FUNCTIONS = 3;
export const CKS_RW_SO_FUNCTIONS = 4;
export const CKU_SO = 0;
export const CKU_USER = 1;
export const CKU_CONTEXT_SPECIFIC = 2;

// Mechanisms
export const CKM_SHA256 = 0x250;
export const CKM_SHA224 = 0x255;
export const CKM_SHA384 = 0x260;
export const CKM_SHA512 = 0x270;
export const CKM_EC_KEY_PAIR_GEN = 0x1040;
export const CKM_ECDSA = 0x1041;
export const CKM_ECDSA_SHA224 = 0x1043;
export const CKM_ECDSA_SHA256 = 0x1044;
export const CKM_ECDSA_SHA384 = 0x1045;
export const CKM_ECDSA_SHA512 = 0x1046;
export const CKM_ECDH1_DERIVE = 0x1050;
/** C_DeriveKey: the secret as it is, without a key derivation function. */
export const CKD_NULL = 0x1;
export const CKF_HW = 0x1;
export const CKF_DIGEST = 0x400;
export const CKF_SIGN = 0x800;
export const CKF_VERIFY = 0x2000;
export const CKF_GENERATE_KEY_PAIR = 0x10000;
export const CKF_DERIVE = 0x80000;
export const CKF_EC_F_P = 0x100000;
export const CKF_EC_NAMEDCURVE = 0x800000;
export const CKF_EC_UNCOMPRESS = 0x1000000;

// C_SessionCancel (PKCS#11 3.0)
export const CKF_FIND_OBJECTS = 0x40;

// Objects
export const CKO_DATA = 0;
export const CKO_CERTIFICATE = 1;
export const CKO_PUBLIC_KEY = 2;
export const CKO_PRIVATE_KEY = 3;
export const CKO_SECRET_KEY = 4;
export const CKO_PROFILE = 9;
/** Certificates are seen without login (PKCS#11 3.0 Profiles §3.6). */
export const CKP_PUBLIC_CERTIFICATES_TOKEN = 4;
export const CKC_X_509 = 0;
export const CKK_EC = 3;
export const CKK_GENERIC_SECRET = 0x10;
export const CKK_AES = 0x1f;
export const CK_CERTIFICATE_CATEGORY_TOKEN_USER = 1;

// Attributes
export const CKA_CLASS = 0x0;
export const CKA_TOKEN = 0x1;
export const CKA_PRIVATE = 0x2;
export const CKA_LABEL = 0x3;
export const CKA_APPLICATION = 0x10;
export const CKA_VALUE = 0x11;
export const CKA_OBJECT_ID = 0x12;
export const CKA_CERTIFICATE_TYPE = 0x80;
export const CKA_ISSUER = 0x81;
export const CKA_SERIAL_NUMBER = 0x82;
export const CKA_TRUSTED = 0x86;
export const CKA_CERTIFICATE_CATEGORY = 0x87;
export const CKA_URL = 0x89;
export const CKA_CHECK_VALUE = 0x90;
export const CKA_KEY_TYPE = 0x100;
export const CKA_SUBJECT = 0x101;
export const CKA_ID = 0x102;
export const CKA_SENSITIVE = 0x103;
export const CKA_ENCRYPT = 0x104;
export const CKA_DECRYPT = 0x105;
export const CKA_WRAP = 0x106;
export const CKA_UNWRAP = 0x107;
export const CKA_SIGN = 0x108;
export const CKA_SIGN_RECOVER = 0x109;
export const CKA_VERIFY = 0x10a;
export const CKA_VERIFY_RECOVER = 0x10b;
export const CKA_DERIVE = 0x10c;
export const CKA_END_DATE = 0x111;
export const CKA_START_DATE = 0x110;
export const CKA_VALUE_LEN = 0x161;
export const CKA_KEY_GEN_MECHANISM = 0x166;
export const CKA_PUBLIC_KEY_INFO = 0x129;
export const CKA_EXTRACTABLE = 0x162;
export const CKA_LOCAL = 0x163;
export const CKA_NEVER_EXTRACTABLE = 0x164;
export const CKA_ALWAYS_SENSITIVE = 0x165;
export const CKA_MODIFIABLE = 0x170;
export const CKA_COPYABLE = 0x171;
export const CKA_DESTROYABLE = 0x172;
export const CKA_EC_PARAMS = 0x180;
export const CKA_EC_POINT = 0x181;
export const CKA_ALWAYS_AUTHENTICATE = 0x202;
export const CKA_WRAP_WITH_TRUSTED = 0x210;
export const CKA_PROFILE_ID = 0x601;
