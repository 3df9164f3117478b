//! What a member is told by mail, where the node can send any. `mail` finds the words.
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Fact, Tx},
    types::{ActorId, Time},
};

/// A letter that is due. Holds no address and no secret: what it needs is looked up when it is sent,
/// and the link in it is made then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letter {
    /// Confirm your address, the one you have or the one you want.
    Confirm {
        /// Who.
        member: ActorId,
        /// When it was asked for: so each is a letter of its own.
        at: Time,
    },
    /// Choose a new password.
    Reset {
        /// Who.
        member: ActorId,
        /// When it was asked for.
        at: Time,
    },
    /// To the address that is to be left: another one was asked for.
    AddressAsked {
        /// The change's number.
        change: i64,
    },
    /// The password is another one.
    PasswordChanged {
        /// Whose.
        member: ActorId,
        /// Since when.
        at: Time,
    },
    /// The second step of signing in is not asked for any more.
    SecondStepOff {
        /// Whose.
        member: ActorId,
        /// Since when.
        at: Time,
    },
}

/// Sends a letter once the change is stored; nothing where the node has no mail.
pub fn send(tx: &mut Tx, letter: Letter) {
    if tx.node().mail {
        tx.record(Fact::LetterDue { letter });
    }
}
