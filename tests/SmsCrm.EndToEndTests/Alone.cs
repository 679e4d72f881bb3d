namespace SmsCrm.EndToEndTests;

/// <summary>Tests that load a whole system: one after another, and no others beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
