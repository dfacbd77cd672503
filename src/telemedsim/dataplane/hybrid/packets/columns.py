"""Where each integer of a transfer by packets stands: its ends, its packets, its accounts of time."""

# Ends; those of one transfer are an even row and the one behind it, so the other one is ``end ^ 1``
(
    SENDER_AT,
    SENDER_SIZE,
    RECEIVER_AT,
    RECEIVER_SIZE,
    OUTSTANDING_AT,
    DATA_ROW,
    ACK_ROW,
    END_STREAM,
    END_LEG,
    SENT_COUNT,
    WRITE_NS,
    OPENING_ACCOUNT,
    OPENING_SENT,
    TO_ACKNOWLEDGE_PID,
    TO_ACKNOWLEDGE_CELL,
    LAST_PID,
    LAST_CELL,
    LAST_EVENT_NS,
    ARRIVALS_FIRST,
    ARRIVALS_LAST,
    ARRIVALS_FILL,
    ARRIVALS_TAKEN,
    ARRIVALS_COUNT,
    END_NEXT_NS,
    CALENDAR_AT,
    ACK_BYTES,
    SYN_BYTES,
    FIRST_HOP,
    HOPS,
    END_OPEN,
    END_COLUMNS,
) = (*range(25), 25, 29, 30, 31, 32, 33)
"""ACK_BYTES has a place for each number of SACK blocks; FIRST_HOP is where the end's way begins among
the hops of both ways; ARRIVALS_TAKEN counts what of the first block has been taken."""

# Transfers: row ``end // 2``
(
    STEPS_AT,
    STEPS,
    WRITTEN_STEP,
    ARRIVED_STEPS,
    BASE,
    BEGUN,
    CONNECTED,
    STOPPED,
    TRANSFER_END_NS,
    DELIVERED_BYTES,
    ACCOUNT_SIZE,
    TRANSFER_COLUMNS,
) = range(12)
"""BASE is the account of the time until the moment from which the next step's delay counts."""

STEP_SENDER, STEP_BYTES, STEP_DELAY, STEP_REPORT, STEP_LAST_BYTE, STEP_COLUMNS = range(6)
MARK_TRANSFER, MARK_STEP, MARK_NS, MARK_ACCOUNT, MARK_LAST, MARK_COLUMNS = range(6)

# Segments: what a transfer's packet carries; the packet's FRAME is FIRST_SEGMENT less their number
(
    KIND,
    SEQUENCE,
    END_SEQUENCE,
    ACKNOWLEDGED,
    BLOCK_COUNT,
    BLOCKS,
    ACCOUNT,
    RETRANSMITTED_NS,
    SEGMENT_COLUMNS,
) = (0, 1, 2, 3, 4, 5, 11, 12, 13)
"""ACCOUNT: where the time went until the packet's first transmission; RETRANSMITTED_NS is from then on."""
FIRST_SEGMENT = -2
DATA, ACK, SYN, SYN_ACK = 0, 1, 2, 3

# Accounts: a time since the beginning of a transfer, taken apart
ACCOUNT_MOVED, ACCOUNT_WIDTH, ACCOUNT_ENDS, ACCOUNT_HOPS = 0, 1, 2, 6
"""Behind these, for each hop of both ways: 1 if it is part of the split, then its parts."""
# Components: lines that wait for each other while transfers are under way
(
    DUE_NS,
    TURN_AT,
    LINES_AT,
    LINES_END,
    SOURCES_AT,
    SOURCES_END,
    WAYS_END,
    SOURCE_NS,
    COMPONENT_COLUMNS,
) = range(9)
"""DUE_NS: no packet of a transfer in these lines reaches a host before; the streams that feed them, of which
the first sends at SOURCE_NS, stand before the ways of their transfers."""

OUTSTANDING_ACCOUNT, OUTSTANDING_SENT, OUTSTANDING_COLUMNS = 0, 1, 2

FAR_NS = 1 << 60
"""No line is so far from a host."""
