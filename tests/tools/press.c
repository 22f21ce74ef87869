// One pattern of page accesses under a memory limit. Prints what the kernel counted for it.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <math.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
static uint64_t s = 88172645463325252ull;
static uint64_t rnd(void){ s ^= s << 13; s ^= s >> 7; s ^= s << 17; return s * 2685821657736338717ull; }
static uint64_t below(uint64_t n){ return (uint64_t)(((__uint128_t)rnd() * n) >> 64); }
static long vm(const char*name){ FILE*f=fopen("/proc/vmstat","r"); char k[80]; long v, r=-1; while(fscanf(f,"%79s %ld",k,&v)==2) if(!strcmp(k,name)) r=v; fclose(f); return r; }
static const char* names[]={"pswpin","pswpout","pgmajfault","workingset_refault_anon","workingset_refault_file","pgscan_direct","pgsteal_direct","swap_ra","swap_ra_hit"};
enum { N = sizeof names/sizeof*names };
int main(int argc,char**argv){
  const char*cg=argv[1]; const char*pattern=argv[2]; long pages=atol(argv[3]); long count=atol(argv[4]); int writes=atoi(argv[5]); const char*file=(argc>6&&*argv[6])?argv[6]:0;
  if(argc>7) s ^= strtoull(argv[7],0,0)*0x9E3779B97F4A7C15ull;
  double*cdf=0; uint32_t*perm=0;
  if(!strcmp(pattern,"zipf")){
    cdf=mmap(0,pages*8,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); perm=mmap(0,pages*4,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    double t=0; for(long i=0;i<pages;i++){ t+=1.0/(i+1); cdf[i]=t; perm[i]=i; }
    for(long i=pages-1;i>0;i--){ long j=below(i+1); uint32_t x=perm[i]; perm[i]=perm[j]; perm[j]=x; }
  }
  if(*cg!='-'){ char p[256]; snprintf(p,256,"%s/cgroup.procs",cg); FILE*f=fopen(p,"w"); if(!f){perror(p);return 2;} fprintf(f,"%d\n",getpid()); fclose(f); }
  int fd=file?open(file,O_RDWR):-1;
  if(fd>=0) posix_fadvise(fd,0,0,POSIX_FADV_DONTNEED);
  volatile char*m=mmap(0,pages*4096,3,file?MAP_SHARED:MAP_PRIVATE|MAP_ANONYMOUS,fd,0);
  if(m==MAP_FAILED){perror("mmap");return 2;}
  if(!file) madvise((void*)m,pages*4096,MADV_NOHUGEPAGE);
  long w[N]; struct rusage rw; for(int i=0;i<N;i++) w[i]=vm(names[i]); getrusage(RUSAGE_SELF,&rw);
  // Once over all of it.
  for(long i=0;i<pages;i++) if(file){ (void)m[i*4096]; } else m[i*4096+8]=i|1;
  long b[N],a[N]; struct rusage r0,r1; struct timespec t0,t1;
  for(int i=0;i<N;i++) b[i]=vm(names[i]);
  getrusage(RUSAGE_SELF,&r0); clock_gettime(CLOCK_MONOTONIC,&t0);
  long stride=16, next=0;
  for(long c=0;c<count;c++){
    long p;
    if(!strcmp(pattern,"sequential")) p=c%pages;
    else if(!strcmp(pattern,"strided")){ p=next; next+=stride; if(next>=pages) next=(next%stride+1)%stride; }
    else if(!strcmp(pattern,"uniform")) p=below(pages);
    else if(!strcmp(pattern,"hotcold")) p= below(100)<90? below(pages/10) : pages/10+below(pages-pages/10);
    else { double x=cdf[pages-1]*(rnd()>>11)/9007199254740992.0; long lo=0,hi=pages-1; while(lo<hi){ long mid=(lo+hi)/2; if(cdf[mid]>x) hi=mid; else lo=mid+1; } p=perm[lo]; }
    if((int)below(100)<writes) m[p*4096+16]++; else (void)m[p*4096+24];
  }
  getrusage(RUSAGE_SELF,&r1); clock_gettime(CLOCK_MONOTONIC,&t1);
  for(int i=0;i<N;i++) a[i]=vm(names[i]);
  printf("%s %s %ld %ld %d",file?"file":"anon",pattern,pages,count,writes);
  for(int i=0;i<N;i++) printf(" %s=%ld",names[i],a[i]-b[i]);
  for(int i=0;i<N;i++) printf(" warm_%s=%ld",names[i],b[i]-w[i]);
  printf(" warm_majflt=%ld warm_minflt=%ld",r0.ru_majflt-rw.ru_majflt,r0.ru_minflt-rw.ru_minflt);
  printf(" majflt=%ld minflt=%ld wall_us=%ld\n",r1.ru_majflt-r0.ru_majflt,r1.ru_minflt-r0.ru_minflt,(t1.tv_sec-t0.tv_sec)*1000000+(t1.tv_nsec-t0.tv_nsec)/1000);
  return 0;
}
