namespace Cclm.Export;

/// <summary>Where a node stands that is raised.</summary>
/// <param name="Target">What it is raised to.</param>
/// <param name="Types">What is declared of the values around it.</param>
/// <param name="Names">Every name that is taken; a rewrite adds its own.</param>
/// <param name="Read">Every name that something reads.</param>
sealed record RaisedScope(RaiseTarget Target, ValueTypes Types, HashSet<string> Names, HashSet<string> Read);
