//! How the command line reads a choice by its name.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::i18n::Lang;
use crate::record::Choice;

/// Takes the name of one of the choices, and lists them in the help.
pub(super) fn choices<T: Choice>() -> impl TypedValueParser<Value = T> {
    let values = T::CHOICES.iter().map(|(_, name, meaning)| PossibleValue::new(*name).help(*meaning));
    PossibleValuesParser::new(values).try_map(|name| T::by_name(&name).ok_or("no such choice"))
}

/// Takes the name of a language.
pub(super) fn lang() -> impl TypedValueParser<Value = Lang> {
    let values = [PossibleValue::new("en").help("English"), PossibleValue::new("zh").help("简体中文")];
    PossibleValuesParser::new(values).map(|name| if name == "zh" { Lang::Zh } else { Lang::En })
}
