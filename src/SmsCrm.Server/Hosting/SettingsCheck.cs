using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace SmsCrm.Server.Hosting;

/// <summary>
/// Finds every error of every room's settings at once, before anything starts: values of the wrong type, names that are no setting,
/// and whatever the rooms' own validators say.
/// </summary>
internal static class SettingsCheck
{
    /// <summary>Before the host is built: building it reads some settings already, and would stop at the first error.</summary>
    public static IReadOnlyList<string> Errors(IServiceCollection services)
    {
        using var provider = services.BuildServiceProvider();
        var configuration = provider.GetRequiredService<IConfiguration>();
        var errors = new List<string>();
        foreach (var type in OptionsTypes(services))
        {
            var unreadable = new List<string>();
            if (SectionOf(type) is { } section)
            {
                Conversions(type, configuration.GetSection(section), errors, unreadable);
            }

            Validation(type, provider, unreadable, errors);
        }

        return errors.Distinct().ToList();
    }

    private static IEnumerable<Type> OptionsTypes(IServiceCollection services) => services
        .Where(service => service.ServiceType.IsGenericType && service.ServiceType.GetGenericTypeDefinition() is var open
            && (open == typeof(IConfigureOptions<>) || open == typeof(IValidateOptions<>)))
        .Select(service => service.ServiceType.GetGenericArguments()[0])
        .Where(type => type.Namespace?.StartsWith("SmsCrm", StringComparison.Ordinal) == true)
        .Distinct();

    private static void Conversions(Type type, IConfigurationSection section, List<string> errors, List<string> unreadable)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).ToList();
        foreach (var setting in section.GetChildren())
        {
            var property = properties.FirstOrDefault(p => p.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                errors.Add($"{setting.Path} is not a setting: known are {string.Join(", ", properties.Select(p => p.Name))}.");
            }
            else if (property.PropertyType.Namespace?.StartsWith("SmsCrm", StringComparison.Ordinal) == true && !property.PropertyType.IsEnum)
            {
                Conversions(property.PropertyType, setting, errors, unreadable);
            }
            else if (!typeof(IEnumerable).IsAssignableFrom(property.PropertyType) && setting.Value is { } value && !Converts(property.PropertyType, value))
            {
                errors.Add($"{setting.Path} is '{value}': it must be {Describe(property.PropertyType)}.");
                unreadable.Add(setting.Path);
            }
        }
    }

    private static bool Converts(Type type, string value)
    {
        try
        {
            return (value.Length == 0 && Nullable.GetUnderlyingType(type) is not null) || TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value) is not null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Describe(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare switch
        {
            _ when bare == typeof(bool) => "true or false",
            _ when bare == typeof(int) || bare == typeof(long) || bare == typeof(short) => "a whole number",
            _ when bare == typeof(double) || bare == typeof(decimal) => "a number",
            _ when bare == typeof(TimeSpan) => "a duration as hh:mm:ss",
            _ when bare == typeof(Uri) => "an address such as https://example.com",
            _ when bare.IsEnum => $"one of {string.Join(", ", Enum.GetNames(bare))}",
            _ => $"a {bare.Name}",
        };
    }

    /// <summary>Asks the room's own validators; what can't be read is told already, and its default stands in for it.</summary>
    private static void Validation(Type type, IServiceProvider provider, List<string> unreadable, List<string> errors)
    {
        try
        {
            if (unreadable.Count == 0)
            {
                _ = typeof(IOptions<>).MakeGenericType(type).GetProperty(nameof(IOptions<object>.Value))!
                    .GetValue(provider.GetRequiredService(typeof(IOptions<>).MakeGenericType(type)));
                return;
            }

            var readable = new ConfigurationBuilder()
                .AddInMemoryCollection(provider.GetRequiredService<IConfiguration>().AsEnumerable().Where(setting => !unreadable.Contains(setting.Key)))
                .Build();
            var options = Activator.CreateInstance(type)!;
            readable.GetSection(SectionOf(type)!).Bind(options);
            var validator = typeof(IValidateOptions<>).MakeGenericType(type);
            foreach (var one in provider.GetServices(validator))
            {
                var result = (ValidateOptionsResult)validator.GetMethod(nameof(IValidateOptions<object>.Validate))!.Invoke(one, [Options.DefaultName, options])!;
                errors.AddRange(result.Failures ?? []);
            }
        }
        catch (TargetInvocationException exception) when (exception.InnerException is OptionsValidationException invalid)
        {
            errors.AddRange(invalid.Failures);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is InvalidOperationException broken)
        {
            errors.Add(broken.Message);
        }
    }

    private static string? SectionOf(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static | BindingFlags.NonPublic)?.GetRawConstantValue() as string;
}
