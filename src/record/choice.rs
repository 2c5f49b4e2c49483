//! Choices that have a name, by which scripts and the command line know them.

/// One of a few choices.
pub trait Choice: Copy + PartialEq + Send + Sync + 'static {
    /// Each with its name and its meaning, in the order in which they are listed.
    const CHOICES: &'static [(Self, &'static str, &'static str)];

    fn name(self) -> &'static str {
        Self::CHOICES.iter().find(|(choice, ..)| *choice == self).map_or("", |(_, name, _)| name)
    }

    fn by_name(name: &str) -> Option<Self> {
        Self::CHOICES.iter().find(|(_, known, _)| *known == name).map(|(choice, ..)| *choice)
    }
}

/// Declares enums of choices, each with its name and its meaning.
macro_rules! choices {
    ($(
        $(#[$attribute:meta])*
        pub enum $choice:ident { $( $(#[$of_variant:meta])* $variant:ident = $name:literal: $meaning:literal, )* }
    )*) => {$(
        $(#[$attribute])*
        pub enum $choice {
            $( #[doc = $meaning] $(#[$of_variant])* $variant, )*
        }

        impl $crate::record::Choice for $choice {
            const CHOICES: &'static [(Self, &'static str, &'static str)] =
                &[$( (Self::$variant, $name, $meaning) ),*];
        }
    )*};
}
pub(crate) use choices;
