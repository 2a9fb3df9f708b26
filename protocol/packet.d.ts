export declare const PACKET_BYTES = 64;
/** 57 + 128 × 59. */
export declare const MAX_MESSAGE_BYTES: number;
/** Where INIT is sent by a client that has no channel yet. */
export declare const BROADCAST_CHANNEL = 4294967295;
/** Commands; the numbers are CTAPHID's where the meaning is. */
export declare const CMD_PING = 1;
/** A command APDU; the answer is its response APDU. */
export declare const CMD_APDU = 3;
/** Broadcast: 8 bytes of nonce → nonce, new channel (4), format version (1). On a channel: abandons what is under way there. */
export declare const CMD_INIT = 6;
/** Ends a wait for the button; has no answer of its own. */
export declare const CMD_CANCEL = 17;
/** Token → host, while a command is worked on: one byte of WAITING_*. */
export declare const CMD_KEEPALIVE = 59;
/** Token → host: one byte of ERROR_*. */
export declare const CMD_ERROR = 63;
export declare const WAITING_PROCESSING = 1;
export declare const WAITING_FOR_BUTTON = 2;
export declare const ERROR_INVALID_COMMAND = 1;
export declare const ERROR_INVALID_LENGTH = 3;
export declare const ERROR_INVALID_SEQUENCE = 4;
export declare const ERROR_MESSAGE_TIMEOUT = 5;
export declare const ERROR_CHANNEL_BUSY = 6;
export declare const ERROR_INVALID_CHANNEL = 11;
export declare const ERROR_OTHER = 127;
export declare const NONCE_BYTES = 8;
/** Version of this packet format, told by INIT. */
export declare const PACKET_FORMAT_VERSION = 1;
export interface Message {
    readonly channel: number;
    readonly command: number;
    readonly payload: Uint8Array;
}
/** A packet that has no place in its message; `code` is one of ERROR_*. A plain class: Espruino cannot extend Error. */
export declare class PacketError {
    readonly channel: number;
    readonly code: number;
    constructor(channel: number, code: number);
}
export declare function packetChannel(packet: Uint8Array): number;
/** The packets of a message, each of 64 bytes, zero-filled. `payload` has at most MAX_MESSAGE_BYTES. */
export declare function splitMessage(message: Message): Uint8Array[];
export declare function isInitialPacket(packet: Uint8Array): boolean;
export declare function isContinuation(packet: Uint8Array): boolean;
/** Joins the packets of one channel to messages. One message at a time: a packet out of order ends it. */
export declare class MessageAssembler {
    private channel;
    private command;
    private expected;
    private received;
    private sequence;
    private parts;
    constructor();
    /** True between the initial packet of a message and its last. */
    isUnderWay(): boolean;
    reset(): void;
    /**
     * The message that this packet completes, or null while more are to come.
     * @throws PacketError on a length over MAX_MESSAGE_BYTES, a sequence out of order, or a continuation of nothing; what was begun is dropped
     */
    accept(packet: Uint8Array): Message | null;
}
