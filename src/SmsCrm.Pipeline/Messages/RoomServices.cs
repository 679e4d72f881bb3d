using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace SmsCrm.Pipeline.Messages;

/// <summary>What the rooms' wiring has in common.</summary>
internal static class RoomServices
{
    /// <summary>Options bound to their section, held to their ranges at start, and there as a value too.</summary>
    public static IServiceCollection AddRoomOptions<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>>(new RangeValidation<T>(section)));
        services.TryAddSingleton(static s => s.GetRequiredService<IOptions<T>>().Value);
        return services;
    }

    /// <summary>A singleton whose <see cref="TimeProvider"/> is the boot clock.</summary>
    public static IServiceCollection AddOnBootClock<T>(this IServiceCollection services)
        where T : class
    {
        services.TryAddSingleton(static s => ActivatorUtilities.CreateInstance<T>(s, BootClock.Instance));
        return services;
    }
}
