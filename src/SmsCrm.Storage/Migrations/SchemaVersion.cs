using System.Reflection;
using FluentMigrator;

namespace SmsCrm.Storage.Migrations;

/// <summary>The schema's version: the number of the newest migration that a database has, against the newest that this program brings.</summary>
/// <param name="Sentence">For an operator: what is, and what to do about it.</param>
public sealed record SchemaVersion(long Actual, bool Matches, string Sentence)
{
    /// <summary>The newest migration of this program.</summary>
    public static long ExpectedVersion { get; } = typeof(SchemaVersion).Assembly.GetTypes()
        .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Version ?? 0)
        .Max();

    internal static SchemaVersion Of(long actual) => new(
        actual,
        actual == ExpectedVersion,
        actual == ExpectedVersion ? $"The schema has version {actual}, as it should."
        : actual == 0 ? $"The database has no schema; run 'smscrm migrate' (version {ExpectedVersion})."
        : actual < ExpectedVersion ? $"The schema has version {actual}; this program needs {ExpectedVersion}: run 'smscrm migrate'."
        : $"The schema has version {actual}, newer than this program's {ExpectedVersion}: run the newer program.");
}
