namespace Cclm.Inference;

/// <summary>Another model was loaded before a call was answered that was cut for the one before it. Never seen by callers: they are asked for again.</summary>
sealed class OtherModelException() : Exception("Another model was loaded meanwhile, which may read more or less of a text.");
